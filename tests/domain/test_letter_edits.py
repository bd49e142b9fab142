"""Letters written for one official, and offices that get numbers and never names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import letter_edits, official_facts, officials
from petitions.domain.bundle_letters import letter_for
from petitions.domain.frozen_letters import kept_translation
from petitions.domain.letter_edits import LetterWords
from petitions.domain.letter_preview import letter_preview
from petitions.domain.petition_addressees import add_official, change_addressees, places_of
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, ChangedMeanwhile, Refused
from petitions.extensions import db
from petitions.models import (
    AskText,
    BundleSignature,
    Official,
    OfficialText,
    Organiser,
    Part,
    PetitionText,
)
from tests.domain.cast import Cast, embassy
from tests.domain.petition_cast import ASK_RU, RUSSIAN
from tests.domain.test_bundles import THREE, frozen, members, recipient, signed, written

MINISTER = "minister-anna-b"


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


@pytest.fixture
def author(database: SQLAlchemy, now: datetime) -> int:
    organiser = Organiser(email="o@example.org", fs_uniquifier="o", created_at=now)
    database.session.add(organiser)
    database.session.flush()
    return organiser.id


def words(site: Site, cast: Cast, now: datetime, slug: str = MINISTER) -> LetterWords:
    """What the letter to an official says now."""
    shown = letter_preview(site, cast.petition, recipient(cast, slug), now).letters[-1]
    return letter_edits.words_of(shown.letter, letter_edits.translation_of(shown.bundle))


def write(
    site: Site,
    cast: Cast,
    now: datetime,
    author: int,
    *,
    slug: str = MINISTER,
    obligation: str = "",
    seen: str = "",
    **changes: object,
) -> bool:
    before = words(site, cast, now, slug)
    to = recipient(cast, slug)
    changed = letter_edits.save(
        to.addressee,
        to.official.id,
        cast.text,
        "en",
        replace(before, **changes),  # type: ignore[arg-type]  # a test's keyword soup
        obligation=obligation,
        before=before,
        seen=seen,
        author=author,
        now=now,
    )
    db.session.commit()
    return changed


def in_russian(database: SQLAlchemy, cast: Cast) -> None:
    """Let text and asks exist in Russian; the minister has no words in it."""
    database.session.add(PetitionText(text_version_id=cast.text.id, language="ru", **RUSSIAN))
    for ask in database.session.execute(select(AskText)).scalars().all():
        row = AskText(ask_id=ask.ask_id, language="ru", for_readers=ASK_RU[0], for_letter=ASK_RU[1])
        database.session.add(row)
    database.session.flush()


def test_letter_written_for_one_official_stands_in_their_bundle_alone(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    signed(site, cast, now, *THREE)
    assert write(site, cast, now, author, opening="Written for you.", asks=("I ask you.",))
    assert not write(site, cast, now, author), "the same again changes nothing"
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    other = frozen(cast, recipient(cast, "agency-anna-b"), now)
    letter = letter_for(bundle, (), demonstration=False)
    assert (letter.opening, letter.asks) == ("Written for you.", ("I ask you.",))
    assert letter_for(other, (), demonstration=False).opening == "Anna B is reported missing."
    assert write(site, cast, now, author, opening="Later.")
    assert letter_for(bundle, (), demonstration=False) == letter, "frozen stays frozen"


def test_discarded_letter_says_what_the_petition_says(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    to = cast.minister.official_id
    assert to is not None
    write(site, cast, now, author, opening="Written for you.")
    assert letter_edits.edited_officials(cast.petition.id) == {to}
    assert letter_edits.discard(to, cast.text, "en", author=author, now=now)
    assert not letter_edits.discard(to, cast.text, "en", author=author, now=now)
    assert words(site, cast, now).opening == "Anna B is reported missing."


def test_what_binds_a_state_stands_in_letters_to_all_its_offices(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    embassy("uz-london", "GB")
    elsewhere = embassy("de-london", "GB", represents="DE")
    write(site, cast, now, author, obligation="Uzbekistan is bound.")
    for slug in (MINISTER, "agency-anna-b", "uz-london"):
        shown = letter_preview(site, cast.petition, recipient(cast, slug), now)
        assert shown.letter.obligation == "Uzbekistan is bound."
    assert letter_edits.state_of(elsewhere.id) == "DE"
    assert letter_edits.obligation_for(cast.petition.id, "DE", "en") == ""
    assert letter_edits.edited_officials(cast.petition.id) == set(), "no letter is another one"
    write(site, cast, now, author, obligation="")
    assert letter_edits.obligation_for(cast.petition.id, "UZ", "en") == ""


@pytest.mark.parametrize("field", ["subject", "opening", "closing", "salutation"])
def test_letter_needs_its_parts(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, author: int, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        write(site, cast, now, author, **{field: ""})
    assert (refusal.value.reason, refusal.value.field) == ("needed", field)


def test_letter_of_two_writers_is_not_lost(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    with pytest.raises(ChangedMeanwhile):
        write(site, cast, now, author, opening="Mine.", seen="what stood there before")


def test_translation_is_frozen_with_its_letter(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, author: int, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    in_russian(database, cast)
    write(site, cast, now, author, translation="ru")
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    translated = kept_translation(bundle)
    assert translated is not None
    assert (translated.language, translated.opening) == ("ru", RUSSIAN["letter_opening"])
    assert translated.salutation == "", "never in another language than the letter"
    assert letter_for(bundle, (), demonstration=False).translated
    files = dict(members(written(site, bundle, tmp_path, now)))
    assert files["data/handover/translation.pdf"].startswith(b"%PDF-")


def test_translation_into_a_language_without_the_text_is_refused(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    signed(site, cast, now, *THREE)
    write(site, cast, now, author, translation="fr")
    with pytest.raises(BundleRefused, match="translation"):
        frozen(cast, recipient(cast, MINISTER), now)


def test_letter_keeps_to_what_the_office_asks_of_papers(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    official = database.session.get_one(Official, cast.minister.official_id)
    text = database.session.get_one(OfficialText, (official.id, "en"))
    cast.case.number, text.form_of_address = "UA 271/13", "Your Excellency"
    official.one_side_only = official.case_number_on_pages = True
    database.session.commit()
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    letter = letter_for(bundle, (), demonstration=False)
    assert (letter.case_number, letter.form_of_address) == ("UA 271/13", "Your Excellency")
    info = dict(members(written(site, bundle, tmp_path, now)))["bag-info.txt"].decode()
    assert "Printing: one side only" in info


def test_never_a_name_goes_to_who_gets_numbers_only_whatever_is_ticked(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    """A mechanism of the United Nations: ticked on the petition, named in the consent, and yet."""
    signed(site, cast, now, *THREE)
    assert cast.minister.names_go
    database.session.get_one(Official, cast.minister.official_id).never_names = True
    database.session.commit()
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    assert (bundle.names_go, bundle.eligible) == (False, 3)
    assert database.session.execute(select(BundleSignature)).all() == []
    files = dict(members(written(site, bundle, tmp_path, now)))
    assert {name for name in files if name.startswith("data/")} == {
        "data/handover/letter.pdf",
        "data/record/nonce.txt",
    }
    for content in files.values():
        for name, _, _ in THREE:
            assert name.encode() not in content


def test_names_cannot_be_ticked_for_who_gets_numbers_only(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    rapporteur = embassy("rapporteur", represents="CH")
    rapporteur.never_names = True
    added = add_official(cast.petition, rapporteur.id, Part.TO, author=author, now=now)
    assert not added.names_go
    ticked = [
        replace(one, names_go=True, names_reason="Why") for one in places_of(cast.petition.id)
    ]
    with pytest.raises(Refused) as refusal:
        change_addressees(cast.petition, ticked, seen="", author=author, now=now)
    assert (refusal.value.reason, refusal.value.field) == ("never names", str(added.id))


def test_who_is_handed_names_becomes_no_office_of_numbers_only(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    official = database.session.get_one(Official, cast.minister.official_id)
    facts = replace(official_facts.facts_of(official), never_names=True)
    with pytest.raises(Refused) as refusal:
        officials.change_facts(official.id, facts, seen="", actor="organiser 1", now=now)
    assert (refusal.value.reason, refusal.value.field) == ("names go there", "never_names")
    cast.minister.names_go = False
    database.session.flush()
    officials.change_facts(official.id, facts, seen="", actor="organiser 1", now=now)
    assert official.never_names
