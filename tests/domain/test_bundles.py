"""Bundles: who stands in which, how, and that the file says what the database froze."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.verify import verify_bundle
from petitions.domain import audit, bundles, privacy, signing
from petitions.domain.bundle_files import keep_proof, write_file
from petitions.domain.bundles import Recipient
from petitions.domain.eligibility import counts_by_country
from petitions.domain.eligible_counts import confirmed
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, NotFound
from petitions.extensions import begin_snapshot
from petitions.models import (
    Appearance,
    Bundle,
    BundleProof,
    BundleSignature,
    ConsentOffice,
    ConsentText,
    ConsentVersion,
    Signature,
)
from tests.domain.cast import Cast, embassy, form

A = Appearance


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


def signed(
    site: Site,
    cast: Cast,
    now: datetime,
    *signers: tuple[str, str, Appearance],
    consent: int = 1,
    text: int = 1,
) -> None:
    """Let some people sign and confirm: (name, country, appearance)."""
    from petitions.extensions import db

    for name, country, appearance in signers:
        email = f"{name.lower()}@example.org"
        given = form(
            email,
            name=name,
            initials=f"{name[0]}. X.",
            place=f"{name}ville",
            country=country,
            appearance=appearance,
            consent_number=consent,
            text_number=text,
        )
        signing.sign(site, cast.petition, given, now)
        newest = select(Signature.id).order_by(Signature.id.desc()).limit(1)
        signing.confirm(cast.petition, db.session.execute(newest).scalar_one(), now)
    db.session.commit()


def frozen(cast: Cast, recipient: Recipient, now: datetime) -> Bundle:
    from petitions.extensions import db

    db.session.rollback()
    begin_snapshot()
    (bundle,) = bundles.freeze(cast.petition, recipient, now)
    db.session.commit()
    return bundle


def written(site: Site, bundle: Bundle, folder: Path, now: datetime) -> Path:
    """Write the file of a bundle and keep its proof, as the command does."""
    from petitions.extensions import db

    made = write_file(site, bundle, folder)
    keep_proof(site, bundle, made, now)
    db.session.commit()
    return made.path


def recipient(cast: Cast, slug: str) -> Recipient:
    return bundles.recipient_named(cast.petition, slug)


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as zipped:
        for name in zipped.namelist():
            yield name.split("/", 1)[1], zipped.read(name)


THREE = (("Ada", "GB", A.FULL), ("Boris", "RU", A.INITIALS), ("Chen", "DE", A.COUNTED))


def test_the_to_addressee_gets_what_each_signer_chose(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert (bundle.named, bundle.initials, bundle.counted, bundle.eligible) == (1, 1, 1, 3)
    path = written(site, bundle, tmp_path, now)
    files = dict(members(path))
    table = list(csv.DictReader(io.StringIO(files["data/record/signatures.csv"].decode())))
    listed = {(row["name"], row["place"], row["country"]) for row in table}
    assert listed == {("Ada", "Adaville", "GB"), ("B. X.", "", "RU")}
    assert len(files["data/record/commitments.txt"].split()) == 3
    for content in files.values():
        assert b"Chen" not in content
        assert b"Boris" not in content
        assert b"@example.org" not in content
    assert verify_bundle(path, public_key(site.keyring)).signer == "trusted"


def test_copies_and_embassies_get_letter_and_numbers_only(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    embassy("uz-london", "GB", "IE")
    signed(site, cast, now, *THREE, ("Dara", "IE", A.FULL))
    copy = frozen(cast, recipient(cast, "agency-anna-b"), now)
    in_london = frozen(cast, recipient(cast, "uz-london"), now)
    assert (copy.eligible, in_london.eligible) == (4, 2)
    assert (in_london.named, in_london.counted) == (2, 0)
    assert database.session.execute(select(BundleSignature)).all() == []
    for bundle in (copy, in_london):
        files = dict(members(written(site, bundle, tmp_path, now)))
        payload = {name for name in files if name.startswith("data/")}
        assert payload == {"data/handover/letter.pdf", "data/record/nonce.txt"}


def test_an_office_that_the_consent_did_not_name_gets_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    newer = ConsentVersion(petition_id=cast.petition.id, number=2, created_at=now, published_at=now)
    database.session.add(newer)
    database.session.flush()
    database.session.add_all(
        [
            ConsentText(consent_version_id=newer.id, language="en", risk="R", consent="C", news=""),
            ConsentOffice(
                consent_version_id=newer.id, addressee_id=cast.minister.id, names_go=False
            ),
        ]
    )
    signed(site, cast, now, ("Ada", "GB", A.FULL))
    signed(site, cast, now, ("Eve", "GB", A.FULL), consent=2)
    to_minister = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert (to_minister.named, to_minister.counted) == (1, 1)  # Eve's consent gave no name
    assert frozen(cast, recipient(cast, "agency-anna-b"), now).eligible == 1


@pytest.mark.parametrize("never_names", [False, True])
def test_an_office_is_shown_the_numbers_that_its_bundle_gets(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, never_names: bool
) -> None:
    newer = ConsentVersion(petition_id=cast.petition.id, number=2, created_at=now, published_at=now)
    database.session.add(newer)
    database.session.flush()
    database.session.add(
        ConsentOffice(consent_version_id=newer.id, addressee_id=cast.minister.id, names_go=False)
    )
    embassy("uz-london", "GB", "IE")
    signed(site, cast, now, *THREE, ("Dara", "IE", A.FULL))
    signed(site, cast, now, ("Eve", "GB", A.FULL), ("Fay", "FR", A.INITIALS), consent=2)
    recipient(cast, "minister-anna-b").official.never_names = never_names
    database.session.flush()
    counted = confirmed(cast.petition.id)
    for office in bundles.recipients_of(cast.petition):
        shown = counted.by_country(office, cast.text)
        assert shown == counts_by_country(office, cast.text)
        assert shown
    minister = replace(recipient(cast, "minister-anna-b"), since_last=True)
    if not never_names:
        frozen(cast, recipient(cast, "minister-anna-b"), now)
        signed(site, cast, now, ("Dora", "GB", A.FULL))
    later = confirmed(cast.petition.id, since_last=minister).by_country(minister, cast.text)
    assert later == counts_by_country(minister, cast.text)
    assert sum(later["GB"].values()) == (2 if never_names else 1)


def test_nothing_to_hand_over_is_refused_and_unknown_official_named(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    embassy("uz-berlin", "DE")
    signed(site, cast, now, ("Ada", "GB", A.FULL))
    with pytest.raises(BundleRefused, match="uz-berlin"):
        frozen(cast, recipient(cast, "uz-berlin"), now)
    with pytest.raises(NotFound, match="petitions officials anna-b"):
        recipient(cast, "nobody")


def test_pending_withdrawn_and_attested_stand_in_no_bundle(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *THREE)
    signing.sign(site, cast.petition, form("pending@example.org"), now)
    first = database.session.execute(select(Signature.id).order_by(Signature.id)).scalars().first()
    assert first
    privacy.withdraw(first, now)
    database.session.commit()
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert (bundle.named, bundle.initials, bundle.counted) == (0, 1, 1)


def test_withdrawn_after_freezing_stays_in_the_old_bundle_and_out_of_the_next(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    to_minister = recipient(cast, "minister-anna-b")
    old = frozen(cast, to_minister, now)
    ada = database.session.execute(
        select(BundleSignature.signature_id).where(BundleSignature.appearance == A.FULL)
    ).scalar_one()
    privacy.withdraw(ada, now)
    database.session.commit()
    (tmp_path / "again").mkdir()
    first = written(site, old, tmp_path, now)
    again = written(site, old, tmp_path / "again", now + timedelta(days=1))
    database.session.commit()
    assert first.read_bytes() == again.read_bytes()
    new = frozen(cast, to_minister, now)
    assert (new.eligible, new.supersedes_id) == (2, old.id)
    info = dict(members(written(site, new, tmp_path, now)))["bag-info.txt"].decode()
    proof = database.session.get_one(BundleProof, old.id)
    assert f"Previous-Bundle: {old.public_id} {proof.tag_manifest_sha256}" in info


def test_erased_after_freezing_the_bundle_cannot_be_made_again_and_its_proof_stands(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    path = written(site, bundle, tmp_path, now)
    database.session.commit()
    kept = path.read_bytes()
    for signature_id in database.session.execute(select(Signature.id)).scalars().all():
        privacy.erase(signature_id, now)
    database.session.commit()
    with pytest.raises(BundleRefused, match="erased"):
        written(site, bundle, tmp_path, now)
    assert path.read_bytes() == kept
    assert verify_bundle(path, public_key(site.keyring)).signer == "trusted"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".bundle-")]


def test_order_is_by_country_and_tells_nothing_about_time(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(
        site, cast, now, *((f"N{chr(97 + i)}", "FR" if i % 2 else "DE", A.FULL) for i in range(8))
    )
    frozen(cast, recipient(cast, "minister-anna-b"), now)
    query = (
        select(BundleSignature.line, Signature.country, Signature.order_number)
        .join(Signature, Signature.id == BundleSignature.signature_id)
        .order_by(BundleSignature.line)
    )
    rows = [tuple(row) for row in database.session.execute(query)]
    assert [row[0] for row in rows] == list(range(1, 9))
    assert [row[1:] for row in rows] == sorted(row[1:] for row in rows)


def test_freezing_leaves_a_trace_that_cannot_be_changed_unseen(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *THREE)
    frozen(cast, recipient(cast, "minister-anna-b"), now)
    frozen(cast, recipient(cast, "agency-anna-b"), now)
    assert audit.first_broken() is None
    database.session.execute(database.text("UPDATE audit_entry SET detail = '{}' WHERE id = 1"))
    database.session.expire_all()
    assert audit.first_broken() == 1


def test_letter_language_can_be_asked_for_where_it_exists(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *THREE)
    to_minister = recipient(cast, "minister-anna-b")
    (bundle,) = bundles.freeze(cast.petition, to_minister, now, language="en")
    assert bundle.language == "en"
    with pytest.raises(BundleRefused, match="exist in en"):
        bundles.freeze(cast.petition, to_minister, now, language="ru")
