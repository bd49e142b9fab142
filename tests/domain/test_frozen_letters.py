"""What a bundle says stays as it was frozen; the preview says what it would say now."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select, update

from petitions.documents.entries import Counts
from petitions.domain import audit, bundles
from petitions.domain.bundle_letters import letter_for
from petitions.domain.letter_preview import letter_pdf, letter_preview
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, NotFound, NothingToHandOver
from petitions.extensions import begin_snapshot
from petitions.models import (
    Addressee,
    Appearance,
    AuditEntry,
    Bundle,
    BundleProof,
    ConsentOffice,
    ConsentText,
    ConsentVersion,
    Letterhead,
    Official,
    OfficialText,
    Organisation,
    Petition,
    PetitionText,
    TextVersion,
)
from tests.documents.pdf import text_of
from tests.documents.pictures import emblem
from tests.domain.cast import Cast, add_ask, embassy
from tests.domain.test_bundles import frozen, members, recipient, signed, written

A = Appearance
FOUR = (
    ("Ada", "GB", A.FULL),
    ("Boris", "RU", A.INITIALS),
    ("Chen", "DE", A.COUNTED),
    ("Umid", "UZ", A.FULL),
)


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


def organisation(database: SQLAlchemy, **changes: object) -> Organisation:
    found = database.session.get_one(Organisation, 1)
    for name, value in changes.items():
        setattr(found, name, value)
    database.session.commit()
    return found


def change_everything(database: SQLAlchemy, cast: Cast) -> None:
    """Rename and replace all that a letter or a bag is made of."""
    organisation(
        database,
        name="Other",
        postal_address="9 Road",
        contact_email="other@example.org",
        letterhead=emblem(colour="#800000"),
        accent_colour="#800000",
    )
    database.session.execute(update(OfficialText).values(office="Another", salutation="Hello"))
    database.session.execute(update(Official).values(postal_lines="Elsewhere 5"))
    official = database.session.get_one(Official, cast.minister.official_id)
    official.slug = "renamed"
    cast.petition.time_zone = "Pacific/Auckland"
    database.session.execute(update(PetitionText).values(letter_subject="Other subject"))
    cast.border_agency.removed_at = cast.petition.created_at + timedelta(days=1)
    database.session.commit()


def test_file_written_again_is_the_same_whatever_was_renamed(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    organisation(database, letterhead=emblem(), accent_colour="#0b6e4f")
    signed(site, cast, now, *FOUR)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    (tmp_path / "again").mkdir()
    first = written(site, bundle, tmp_path, now)
    change_everything(database, cast)
    database.session.expire_all()
    again = written(site, bundle, tmp_path / "again", now + timedelta(days=400))
    assert first.name == again.name
    assert sha256(first.read_bytes()).digest() == sha256(again.read_bytes()).digest()
    letter = dict(members(again))["data/handover/letter.pdf"]
    (tmp_path / "letter.pdf").write_bytes(letter)
    text = text_of(tmp_path / "letter.pdf")
    assert "Watch" in text
    assert "Other" not in text


def test_next_bundle_says_what_is_true_then(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *FOUR)
    frozen(cast, recipient(cast, "minister-anna-b"), now)
    change_everything(database, cast)
    newer = frozen(cast, recipient(cast, "renamed"), now + timedelta(days=2))
    letter = letter_for(newer, (), demonstration=False)
    assert (letter.sender_name, letter.addressee.office, letter.salutation) == (
        "Other",
        "Another",
        "Hello",
    )
    assert letter.letterhead == emblem(colour="#800000")
    assert letter.copies == ()  # the only copy was taken off


def test_letterhead_is_kept_once_and_every_old_one_stays(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    old, new = emblem(), emblem(colour="#102030")
    signed(site, cast, now, *FOUR)
    minister, agency = recipient(cast, "minister-anna-b"), recipient(cast, "agency-anna-b")
    organisation(database, letterhead=old)
    before = [frozen(cast, to, now) for to in (minister, agency)]
    organisation(database, letterhead=new)
    after = frozen(cast, minister, now)
    organisation(database, letterhead=None)
    without = frozen(cast, minister, now)
    assert database.session.execute(select(func.count()).select_from(Letterhead)).scalar_one() == 2
    heads = [
        letter_for(bundle, (), demonstration=False).letterhead
        for bundle in (*before, after, without)
    ]
    assert heads == [old, old, new, None]


def test_bundle_of_before_letters_were_kept_has_the_letter_of_then(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *FOUR)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert bundle.letter is not None
    as_set_then = {**bundle.letter["letter"], "setting": 1}
    bundle.letter = {**bundle.letter, "letter": as_set_then}
    kept = written(site, bundle, tmp_path, now).read_bytes()
    bundle.letter = None  # as the migration leaves it
    organisation(database, letterhead=emblem(), accent_colour="#0b6e4f")
    cast.border_agency.removed_at = now + timedelta(days=1)
    database.session.commit()
    (tmp_path / "again").mkdir()
    assert written(site, bundle, tmp_path / "again", now).read_bytes() == kept


@pytest.mark.parametrize("damage", ["version", "field", "office", "letterhead"])
def test_letter_that_was_tampered_with_is_refused(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path, *, damage: str
) -> None:
    organisation(database, letterhead=emblem())
    signed(site, cast, now, *FOUR)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert bundle.letter is not None
    if damage == "letterhead":
        database.session.execute(update(Letterhead).values(content=emblem(colour="#000000")))
    elif damage == "office":
        bundle.letter = {**bundle.letter, "office": 5}
    else:
        changes: dict[str, object] = {"version": {"version": 99}, "field": {"paper": "many"}}[
            damage
        ]
        bundle.letter = {**bundle.letter, "letter": {**bundle.letter["letter"], **changes}}
    database.session.commit()
    database.session.expire_all()
    with pytest.raises(BundleRefused, match="cannot be read as it was frozen"):
        written(site, bundle, tmp_path, now)
    assert list(tmp_path.glob("*.zip")) == []


def test_bundle_written_before_the_one_it_follows_stays_the_same(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *FOUR)
    minister = recipient(cast, "minister-anna-b")
    old, new = frozen(cast, minister, now), frozen(cast, minister, now)
    (tmp_path / "again").mkdir()
    first = written(site, new, tmp_path, now)
    written(site, old, tmp_path, now + timedelta(minutes=1))
    again = written(site, new, tmp_path / "again", now + timedelta(minutes=2))
    assert first.read_bytes() == again.read_bytes()
    assert database.session.get(BundleProof, old.id) is not None


def test_letter_that_could_not_be_printed_is_refused_before_it_is_frozen(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *FOUR)
    minister = recipient(cast, "minister-anna-b")
    organisation(database, letterhead=b"<svg/>")
    with pytest.raises(BundleRefused, match="upload it again"):
        bundles.freeze(cast.petition, minister, now)
    organisation(database, letterhead=None)
    database.session.execute(update(OfficialText).values(salutation="𐎠𐎼𐎹"))
    with pytest.raises(BundleRefused, match="𐎠 𐎼 𐎹"):
        bundles.freeze(cast.petition, minister, now)
    shown = letter_preview(site, cast.petition, minister, now).letter
    with pytest.raises(BundleRefused, match="𐎠 𐎼 𐎹"):
        letter_pdf(shown)
    database.session.rollback()
    assert database.session.execute(select(Bundle)).all() == []
    assert letter_pdf(letter_preview(site, cast.petition, minister, now).letter)[:5] == b"%PDF-"


def test_who_froze_a_bundle_stands_in_the_trail(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *FOUR)
    bundles.freeze(cast.petition, recipient(cast, "agency-anna-b"), now)
    bundles.freeze(cast.petition, recipient(cast, "minister-anna-b"), now, actor="organiser 7")
    trail = select(AuditEntry.actor).where(AuditEntry.action == "bundle frozen")
    assert database.session.execute(trail.order_by(AuditEntry.id)).scalars().all() == [
        "command",
        "organiser 7",
    ]
    assert audit.first_broken() is None


def test_addressee_taken_off_gets_no_further_bundle(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    embassy("uz-london", "GB")
    signed(site, cast, now, *FOUR)
    old = frozen(cast, recipient(cast, "agency-anna-b"), now)
    london = frozen(cast, recipient(cast, "uz-london"), now)
    for addressee in (cast.border_agency, cast.embassies):
        database.session.get_one(Addressee, addressee.id).removed_at = now
    database.session.commit()
    slugs = [found.official.slug for found in bundles.recipients_of(cast.petition)]
    assert slugs == ["minister-anna-b"]
    for name in ("agency-anna-b", "uz-london"):
        with pytest.raises(NotFound):
            recipient(cast, name)
    for bundle in (old, london):
        assert written(site, bundle, tmp_path, now).is_file()
    assert bundles.recipient_of(london).countries == ("GB",)
    newest = frozen(cast, recipient(cast, "minister-anna-b"), now)
    assert letter_for(newest, (), demonstration=False).copies == ()


def draft_text(database: SQLAlchemy, petition: Petition, now: datetime, number: int) -> TextVersion:
    draft = TextVersion(petition_id=petition.id, number=number, created_at=now)
    database.session.add(draft)
    database.session.flush()
    database.session.add(
        PetitionText(
            text_version_id=draft.id,
            language="en",
            title="Draft",
            text="Draft",
            letter_subject="Draft subject",
            letter_opening="Draft",
            letter_closing="Draft",
        )
    )
    database.session.commit()
    return draft


def test_draft_of_a_text_is_in_no_bundle_and_no_preview(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    draft_text(database, cast.petition, now, 2)
    minister = recipient(cast, "minister-anna-b")
    assert letter_preview(site, cast.petition, minister, now).letter.subject == "Anna B"
    with pytest.raises(NothingToHandOver):
        bundles.freeze(cast.petition, minister, now)
    signed(site, cast, now, *FOUR)
    assert frozen(cast, minister, now).text_version_id == cast.text.id


# The preview.


def test_preview_is_the_letter_that_is_frozen_and_stores_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    organisation(database, letterhead=emblem(), accent_colour="#0b6e4f")
    embassy("uz-berlin", "DE")
    signed(site, cast, now, *FOUR)
    for slug in ("minister-anna-b", "agency-anna-b", "uz-berlin"):
        to = recipient(cast, slug)
        preview = letter_preview(site, cast.petition, to, now)
        assert not database.session.new
        assert not database.session.dirty
        assert len(preview.letters) == 1
        bundle = frozen(cast, to, now)
        assert preview.letter == letter_for(bundle, (), demonstration=site.demonstration)
        assert preview.counts == Counts(bundle.named, bundle.initials, bundle.counted)
    count = database.session.execute(select(func.count()).select_from(Bundle)).scalar_one()
    assert count == 3


def test_preview_counts_by_appearance_and_country_and_state_addressed(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signed(site, cast, now, *FOUR, ("Uta", "UZ", A.COUNTED), ("Ulla", "UZ", A.FULL))
    preview = letter_preview(site, cast.petition, recipient(cast, "minister-anna-b"), now)
    assert preview.counts == Counts(3, 1, 2)
    assert preview.by_country == (
        ("UZ", Counts(2, 0, 1)),
        ("DE", Counts(0, 0, 1)),
        ("GB", Counts(1, 0, 0)),
        ("RU", Counts(0, 1, 0)),
    )
    assert preview.in_addressed_states == Counts(2, 0, 1)
    assert preview.not_named == 0


def test_preview_has_a_letter_for_each_text_that_was_signed(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    newer = draft_text(database, cast.petition, now, 2)
    newer.published_at = now
    add_ask(newer, [cast.minister])
    database.session.commit()
    signed(site, cast, now, *FOUR)
    signed(site, cast, now, ("Gus", "GB", A.FULL), text=2)
    minister = recipient(cast, "minister-anna-b")
    preview = letter_preview(site, cast.petition, minister, now)
    assert [(each.version, each.counts, each.letter.reference) for each in preview.letters] == [
        (1, Counts(2, 1, 1), "anna-b-1"),
        (2, Counts(1, 0, 0), "anna-b-2"),
    ]
    assert preview.letter.subject == "Draft subject"
    assert preview.counts == Counts(3, 1, 1)
    assert preview.by_country[0] == ("GB", Counts(2, 0, 0))
    begin_snapshot_anew(database)
    made = bundles.freeze(cast.petition, minister, now)
    assert [letter_for(each, (), demonstration=False) for each in made] == [
        each.letter for each in preview.letters
    ]


def begin_snapshot_anew(database: SQLAlchemy) -> None:
    database.session.rollback()
    begin_snapshot()


def test_preview_tells_how_many_consented_to_other_offices_alone(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    newer = ConsentVersion(petition_id=cast.petition.id, number=2, created_at=now, published_at=now)
    database.session.add(newer)
    database.session.flush()
    database.session.add_all(
        [
            ConsentText(consent_version_id=newer.id, language="en", risk="R", consent="C", news=""),
            ConsentOffice(
                consent_version_id=newer.id, addressee_id=cast.minister.id, names_go=True
            ),
        ]
    )
    embassy("uz-london", "GB")
    signed(site, cast, now, *FOUR)
    signed(site, cast, now, ("Eve", "GB", A.FULL), ("Fay", "FR", A.FULL), consent=2)
    left_out = {
        slug: letter_preview(site, cast.petition, recipient(cast, slug), now).not_named
        for slug in ("minister-anna-b", "agency-anna-b", "uz-london")
    }
    assert left_out == {"minister-anna-b": 0, "agency-anna-b": 2, "uz-london": 1}


def test_preview_before_anybody_signed_speaks_of_no_numbers(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    preview = letter_preview(site, cast.petition, recipient(cast, "minister-anna-b"), now)
    assert preview.letter.counts is None
    assert preview.letter.asks == ("I urge you to say where she is",)
    assert (preview.counts, preview.by_country, preview.not_named) == (Counts(0, 0, 0), (), 0)


def test_preview_of_a_petition_never_published_shows_its_draft(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    cast.text.published_at = None
    database.session.commit()
    preview = letter_preview(site, cast.petition, recipient(cast, "minister-anna-b"), now)
    assert preview.letter.subject == "Anna B"
    with pytest.raises(BundleRefused, match="exist in en"):
        letter_preview(site, cast.petition, recipient(cast, "minister-anna-b"), now, language="ru")
