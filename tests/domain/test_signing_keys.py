"""Replacing the key that signs bundles; and how each bundle cites the one before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.minisigning import key_id
from petitions.documents.verify import verify_bundle
from petitions.domain.recipients import Recipient
from petitions.domain.signing_keys import (
    earlier_public_keys,
    ensure_signing_key,
    public_key,
    replace_signing_key,
)
from petitions.domain.site import Site
from petitions.models import AuditEntry, BundleProof
from tests.domain.cast import Cast, embassy
from tests.domain.test_bundles import THREE, frozen, members, recipient, signed, written


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


def info(path: Path) -> list[str]:
    return dict(members(path))["bag-info.txt"].decode().splitlines()


def test_new_bundles_are_signed_with_the_new_key_and_old_ones_written_again_with_their_own(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    to_minister = recipient(cast, "minister-anna-b")
    old = frozen(cast, to_minister, now)
    first = written(site, old, tmp_path, now)
    database.session.commit()
    before = public_key(site.keyring)
    after = replace_signing_key(site.keyring, now)
    database.session.commit()
    assert public_key(site.keyring) == after != before
    assert earlier_public_keys(site.keyring) == [before]
    (tmp_path / "again").mkdir()
    assert written(site, old, tmp_path / "again", now).read_bytes() == first.read_bytes()
    new = written(site, frozen(cast, to_minister, now), tmp_path, now)
    assert verify_bundle(first, before).signer == "trusted"
    assert verify_bundle(new, after).signer == "trusted"
    entries = select(AuditEntry.detail).where(AuditEntry.action == "signing key replaced")
    detail = database.session.execute(entries).scalar_one()
    assert key_id(before) in detail
    assert key_id(after) in detail


def test_replaced_twice_both_earlier_keys_are_told(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    keys = [public_key(site.keyring)]
    keys += [replace_signing_key(site.keyring, now) for _ in range(2)]
    assert public_key(site.keyring) == keys[-1]
    assert set(earlier_public_keys(site.keyring)) == set(keys[:-1])


def test_each_bundle_cites_the_one_before_whoever_it_is_for(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    embassy("uz-london", "GB")
    signed(site, cast, now, *THREE)
    recipients: list[Recipient] = [
        recipient(cast, name) for name in ("minister-anna-b", "uz-london")
    ]
    first, second = (frozen(cast, each, now) for each in recipients)
    files = [written(site, each, tmp_path, now) for each in (first, second)]
    database.session.commit()
    assert not [line for line in info(files[0]) if line.startswith("Previous-Bundle")]
    proof = database.session.get_one(BundleProof, first.id)
    assert f"Previous-Bundle: {first.public_id} {proof.tag_manifest_sha256}" in info(files[1])
    (tmp_path / "again").mkdir()
    again = written(site, first, tmp_path / "again", now)
    assert again.read_bytes() == files[0].read_bytes()
