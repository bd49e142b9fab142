"""The letter of a bundle: which language it is in, and what it says, from the petition's texts."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from petitions.documents.colours import is_colour
from petitions.documents.entries import Counts, Letter, LetterAddressee
from petitions.domain.frozen_letters import kept_letter
from petitions.domain.letter_edits import with_edits
from petitions.errors import BundleRefused
from petitions.extensions import db
from petitions.i18n import country_name
from petitions.models import (
    Addressee,
    Ask,
    AskAddressee,
    AskText,
    Bundle,
    Case,
    ContactKind,
    LetterLanguage,
    Official,
    OfficialContact,
    OfficialText,
    Organisation,
    Part,
    Petition,
    PetitionText,
)


def letter_language(
    petition: Petition, official: Official, part: Part, version_id: int, *, only: str | None = None
) -> str:
    """Return the language of an official's letter.

    The official's own, then those of the petition's letters in their order, then any: the first
    that has the petition's text, every ask, and a salutation. A copy goes without a salutation
    where none exists in any of them. `only` asks for one language and no other. Raises
    BundleRefused where there is none.
    """
    complete = languages_of_text(version_id)
    greets = select(OfficialText.language).where(
        OfficialText.official_id == official.id, OfficialText.salutation != ""
    )
    greeted = complete & set(db.session.execute(greets).scalars())
    if part is Part.TO or (greeted and not only):
        complete = greeted
    for language in [only] if only else _wished(petition, official):
        if language in complete:
            return language
    if only:
        raise BundleRefused(
            f"the letter to {official.slug} cannot be in {only!r}: "
            "text, asks and salutation exist in "
            f"{', '.join(sorted(complete)) or 'no language'}"
        )
    if complete:
        return min(complete)
    raise BundleRefused(
        f"no language has the petition's text, its asks and a salutation for {official.slug}: "
        "add what is missing in one language"
    )


def letter_for(bundle: Bundle, countries: tuple[str, ...], *, demonstration: bool) -> Letter:
    """Return the letter of a frozen bundle: as it was then, where that was kept.

    Of a bundle from before letters were kept it is put together anew, without a letterhead, since
    letters had none then. Raises BundleRefused where what was kept cannot be read.
    """
    letter = kept_letter(bundle)
    if letter is None:
        said = _as_petition_says(bundle, countries)
        letter = replace(said, letterhead=None, accent_colour="", setting=1)
    return replace(letter, demonstration=letter.demonstration or demonstration)


def compose_letter(bundle: Bundle, countries: tuple[str, ...]) -> Letter:
    """Return the letter of a bundle, also of a planned one, from what the site says now.

    What an organiser wrote for this official stands in place of what the petition says to all.
    Raises BundleRefused where the organisation has no name yet.
    """
    official = db.session.get_one(Official, bundle.official_id)
    case_number = _case_number(bundle.petition_id) if official.case_number_on_pages else ""
    letter = replace(
        _as_petition_says(bundle, countries),
        form_of_address=office_of(official, bundle.language).form_of_address,
        case_number=case_number,
        one_side_only=official.one_side_only,
        first_volume=bundle.names_go,
        **_continued(bundle),
    )
    return with_edits(letter, bundle)


def _as_petition_says(bundle: Bundle, countries: tuple[str, ...]) -> Letter:
    petition = db.session.get_one(Petition, bundle.petition_id)
    text = db.session.get_one(PetitionText, (bundle.text_version_id, bundle.language))
    organisation = db.session.get(Organisation, 1)
    if organisation is None:
        raise BundleRefused("the organisation that sends the letter has no name yet")
    addressee, salutation = _addressee(bundle)
    is_copy = db.session.get_one(Addressee, bundle.addressee_id).part is Part.COPY
    accent = organisation.accent_colour
    return Letter(
        language=bundle.language,
        sender_name=organisation.name,
        sender_lines=tuple(organisation.postal_address.splitlines()),
        sender_contact=organisation.contact_email,
        reference=bundle.public_id,
        dated_on=bundle.frozen_at.astimezone(ZoneInfo(petition.time_zone)).date(),
        addressee=addressee,
        salutation=salutation,
        subject=text.letter_subject,
        opening=text.letter_opening,
        asks=_asks_for(bundle),
        counts=Counts(bundle.named, bundle.initials, bundle.counted) if bundle.eligible else None,
        countries=countries,
        attested=bundle.attested,
        paper=bundle.paper,
        partners=bundle.partners,
        appeals=bundle.appeals,
        names_enclosed=bundle.names_go,
        copies=() if is_copy else _offices(bundle, Part.COPY),
        copy_of=_offices(bundle, Part.TO) if is_copy else (),
        demonstration=organisation.demonstration,
        closing=text.letter_closing,
        signatory_lines=(organisation.name,),
        letterhead=organisation.letterhead,
        accent_colour=accent if is_colour(accent) else "",
    )


def languages_of_text(version_id: int) -> set[str]:
    """Return the languages in which the text of a version and all its asks exist."""
    texts = select(PetitionText.language).where(PetitionText.text_version_id == version_id)
    return set(db.session.execute(texts).scalars()) & _languages_of_asks(version_id)


def office_of(official: Official, language: str) -> OfficialText:
    """Return how an official is named in a language, or as a fall-back in their source language."""
    text = db.session.get(OfficialText, (official.id, language))
    return text or db.session.get_one(OfficialText, (official.id, official.source_language))


def _continued(bundle: Bundle) -> dict[str, Any]:
    """Since which letter came what a bundle holds, where it continues one."""
    if bundle.continues_id is None:
        return {}
    before = db.session.get_one(Bundle, bundle.continues_id)
    zone = ZoneInfo(db.session.get_one(Petition, bundle.petition_id).time_zone)
    dated_on = before.frozen_at.astimezone(zone).date()
    return {"continues": before.public_id, "continues_on": dated_on}


def _case_number(petition_id: int) -> str:
    petition = db.session.get_one(Petition, petition_id)
    return db.session.get_one(Case, petition.case_id).number or ""


def _wished(petition: Petition, official: Official) -> Iterable[str]:
    if official.preferred_language:
        yield official.preferred_language
    query = select(LetterLanguage.language).where(LetterLanguage.petition_id == petition.id)
    yield from db.session.execute(query.order_by(LetterLanguage.position)).scalars()
    yield official.source_language


def _languages_of_asks(version_id: int) -> set[str]:
    query = (
        select(AskText.ask_id, AskText.language)
        .join(Ask, Ask.id == AskText.ask_id)
        .where(Ask.text_version_id == version_id)
    )
    by_ask: dict[int, set[str]] = {}
    for ask_id, language in db.session.execute(query):
        by_ask.setdefault(ask_id, set()).add(language)
    return set.intersection(*by_ask.values()) if by_ask else set()


def _addressee(bundle: Bundle) -> tuple[LetterAddressee, str]:
    official = db.session.get_one(Official, bundle.official_id)
    return postal_block(official, bundle.language), office_of(official, bundle.language).salutation


def postal_block(official: Official, language: str) -> LetterAddressee:
    """Return to whom a letter goes, in a language or as a fall-back in the source language."""
    text = office_of(official, language)
    return LetterAddressee(
        office=text.office,
        name=text.name,
        organisation=text.organisation,
        postal_lines=tuple(official.postal_lines.splitlines()),
        faxes=_contacts(official.id, ContactKind.FAX),
        emails=_contacts(official.id, ContactKind.EMAIL),
    )


def _contacts(official_id: int, kind: ContactKind) -> tuple[str, ...]:
    query = (
        select(OfficialContact.value)
        .where(OfficialContact.official_id == official_id, OfficialContact.kind == kind)
        .order_by(OfficialContact.position)
    )
    return tuple(db.session.execute(query).scalars())


def _asks_for(bundle: Bundle) -> tuple[str, ...]:
    query = (
        select(AskText.for_letter)
        .join(Ask, Ask.id == AskText.ask_id)
        .join(AskAddressee, AskAddressee.ask_id == Ask.id)
        .where(
            Ask.text_version_id == bundle.text_version_id,
            AskAddressee.addressee_id == bundle.addressee_id,
            AskText.language == bundle.language,
        )
        .order_by(Ask.position)
    )
    return tuple(db.session.execute(query).scalars())


def _offices(bundle: Bundle, part: Part) -> tuple[str, ...]:
    """Name the offices that the petition's letter is written to, or that get copies of it."""
    query = select(Addressee).where(
        Addressee.petition_id == bundle.petition_id,
        Addressee.part == part,
        Addressee.official_id.is_not(None),
        # Whoever was taken off later did get one then.
        Addressee.removed_at.is_(None) | (Addressee.removed_at > bundle.frozen_at),
    )
    offices = []
    for addressee in db.session.execute(query.order_by(Addressee.position)).scalars():
        official = db.session.get_one(Official, addressee.official_id)
        text = office_of(official, bundle.language)
        country = country_name(official.country or "", bundle.language)
        offices.append(", ".join(part for part in (text.office, country) if part))
    return tuple(offices)
