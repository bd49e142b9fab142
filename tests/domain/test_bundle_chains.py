"""Each signature once: what came since the last bundle, and who stands in one no more."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, update

from petitions.domain import bundles, privacy
from petitions.domain.bundle_chains import (
    ChangedSince,
    changed_since,
    superseded_by,
    withdrawn_since,
)
from petitions.domain.bundle_letters import letter_for
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.errors import NothingToHandOver
from petitions.extensions import begin_snapshot
from petitions.models import Appearance, Bundle, BundleSignature, PaperSignatures, Signature
from tests.domain.cast import Cast, embassy
from tests.domain.test_bundles import THREE, frozen, members, recipient, signed, written

A = Appearance
MINISTER = "minister-anna-b"


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


def since(database: SQLAlchemy, cast: Cast, now: datetime, slug: str = MINISTER) -> Bundle:
    database.session.rollback()
    begin_snapshot()
    [bundle] = bundles.freeze(cast.petition, recipient(cast, slug), now, since_last=True)
    database.session.commit()
    return bundle


def named(site: Site, bundle: Bundle, folder: Path, now: datetime) -> list[str]:
    """The names in the data of a bundle's file."""
    folder.mkdir(exist_ok=True)
    rows = dict(members(written(site, bundle, folder, now)))["data/record/signatures.jsonl"]
    return [json.loads(row)["name"] for row in rows.decode().splitlines()]


def test_bundle_since_the_last_holds_each_signature_once(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    first = frozen(cast, recipient(cast, MINISTER), now)
    signed(site, cast, now, ("Dora", "GB", A.FULL))
    second = since(database, cast, now + timedelta(days=1))
    signed(site, cast, now, ("Emil", "GB", A.FULL), ("Fay", "FR", A.COUNTED))
    third = since(database, cast, now + timedelta(days=2))
    assert [named(site, one, tmp_path, now) for one in (second, third)] == [["Dora"], ["Emil"]]
    assert (second.continues_id, second.supersedes_id) == (first.id, None)
    assert (third.continues_id, third.counted, third.eligible) == (second.id, 1, 2)
    rows = database.session.execute(select(BundleSignature.signature_id)).scalars().all()
    assert len(rows) == len(set(rows)) == 6
    letter = letter_for(third, (), demonstration=False)
    assert (letter.continues, letter.continues_on) == (
        second.public_id,
        (now + timedelta(1)).date(),
    )


def test_bundle_of_everything_supersedes_all_that_were_continued(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    first = frozen(cast, recipient(cast, MINISTER), now)
    signed(site, cast, now, ("Dora", "GB", A.FULL))
    second = since(database, cast, now)
    whole = frozen(cast, recipient(cast, MINISTER), now)
    assert whole.eligible == 4
    assert superseded_by(whole) == [second, first]
    info = dict(members(written(site, whole, tmp_path, now)))["bag-info.txt"].decode()
    assert f"Supersedes: {second.public_id} {first.public_id}" in info
    info = dict(members(written(site, second, tmp_path, now)))["bag-info.txt"].decode()
    assert f"Continues: {first.public_id}" in info
    with pytest.raises(NothingToHandOver, match="nothing came since the last bundle"):
        since(database, cast, now)


def test_first_bundle_of_an_office_holds_everything_either_way(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *THREE)
    first = since(database, cast, now)
    assert (first.eligible, first.continues_id, first.supersedes_id) == (3, None, None)


def test_numbers_without_names_are_told_in_full_and_embassies_stand_beside_the_capital(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    embassy("uz-london", "GB")
    signed(site, cast, now, *THREE)
    for slug in ("agency-anna-b", "uz-london", MINISTER):
        frozen(cast, recipient(cast, slug), now)
    signed(site, cast, now, ("Dora", "GB", A.FULL))
    agency = since(database, cast, now, "agency-anna-b")
    assert (agency.eligible, agency.continues_id) == (4, None)
    assert since(database, cast, now, "uz-london").eligible == 2, "Ada and Dora live there"
    assert since(database, cast, now).eligible == 1, "and the capital gets Dora as well"


def test_what_is_counted_apart_is_told_once(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    def paper(number: int) -> None:
        database.session.execute(update(PaperSignatures).values(number=number))
        database.session.commit()

    signed(site, cast, now, *THREE)
    sheet = PaperSignatures(
        petition_id=cast.petition.id,
        source="paper",
        number=5,
        provenance="Haven",
        entered_at=now,
    )
    database.session.add(sheet)
    database.session.commit()
    assert frozen(cast, recipient(cast, MINISTER), now).paper == 5
    for total, told in ((7, 2), (7, 0), (10, 3)):
        paper(total)
        signed(site, cast, now, (f"New{total}{told}", "GB", A.FULL))
        assert since(database, cast, now).paper == told


def test_withdrawn_after_freezing_is_told_by_line_and_kept_out_of_the_next(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE, ("Dora", "GB", A.FULL), ("Emil", "GB", A.FULL))
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    assert not changed_since(bundle)
    signatures = database.session.execute(select(Signature.id).order_by(Signature.id)).scalars()
    ids = dict(zip(("Ada", "Boris", "Chen", "Dora", "Emil"), signatures, strict=True))
    in_it = database.session.execute(select(BundleSignature)).scalars()
    lines = {row.signature_id: row.line or 0 for row in in_it}
    for gone in ("Ada", "Chen"):
        privacy.withdraw(ids[gone], now)
    privacy.erase(ids["Boris"], now)
    privacy.show_less(ids["Dora"], A.COUNTED)
    database.session.commit()
    told = changed_since(bundle)
    assert told == ChangedSince(
        withdrawn=tuple(sorted((lines[ids["Ada"]], lines[ids["Boris"]]))),
        show_less=(lines[ids["Dora"]],),
        unlisted=1,
    )
    assert withdrawn_since(cast.petition.id) == {bundle.id: 3}
    again = frozen(cast, recipient(cast, MINISTER), now)
    assert (again.named, again.initials, again.counted) == (1, 0, 1)
    assert named(site, again, tmp_path, now) == ["Emil"]
