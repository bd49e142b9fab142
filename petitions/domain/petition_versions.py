"""Versions of what is signed: the published ones never change; changes are made in the one draft.

A draft of a published petition begins as a copy of the newest published version. Callers hold the
petition (`petitions.petition_for_writing`), so that two organisers share one draft.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, select

from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Ask,
    AskAddressee,
    AskText,
    ConsentOffice,
    ConsentText,
    ConsentVersion,
    Official,
    OfficialText,
    Petition,
    PetitionText,
    TextVersion,
)

Version = TypeVar("Version", TextVersion, ConsentVersion)


def published(table: type[Version], petition_id: int) -> Version | None:
    """Return the newest published version, or None before the petition is published."""
    query = select(table).where(table.petition_id == petition_id, table.published_at.is_not(None))
    return db.session.execute(query.order_by(table.number.desc()).limit(1)).scalar_one_or_none()


def published_texts(petition_id: int) -> list[TextVersion]:
    """Return all texts that readers have seen or see, the newest first."""
    query = select(TextVersion).where(
        TextVersion.petition_id == petition_id, TextVersion.published_at.is_not(None)
    )
    return list(db.session.execute(query.order_by(TextVersion.number.desc())).scalars())


def published_text(petition_id: int, number: int) -> TextVersion:
    """Return one of them by its number. Raises NotFound."""
    for version in published_texts(petition_id):
        if version.number == number:
            return version
    raise NotFound("no such version")


def draft(table: type[Version], petition_id: int) -> Version | None:
    """Return the draft that waits to be published, if there is one."""
    query = select(table).where(table.petition_id == petition_id, table.published_at.is_(None))
    return db.session.execute(query).scalar_one_or_none()


def current(table: type[Version], petition_id: int) -> Version:
    """Return what organisers work on: the draft, or else what is published. Raises NotFound."""
    query = select(table).where(table.petition_id == petition_id)
    query = query.order_by(table.published_at.is_not(None), table.number.desc())
    found = db.session.execute(query.limit(1)).scalar_one_or_none()
    if found is None:
        raise NotFound("a petition without any version")
    return found


def text_draft(petition: Petition, author: int, now: datetime) -> TextVersion:
    """Return the draft of the text, begun if need be, with its author noted."""
    version = draft(TextVersion, petition.id) or copied_text(petition, now)
    if author not in version.written_by:
        version.written_by = [*version.written_by, author]
    db.session.flush()
    return version


def consent_draft(petition: Petition, author: int, now: datetime) -> ConsentVersion:
    """Return the draft of the consent, begun if need be, with its author noted."""
    version = draft(ConsentVersion, petition.id) or copied_consent(petition, now)
    if author not in version.written_by:
        version.written_by = [*version.written_by, author]
    db.session.flush()
    return version


def copied_text(petition: Petition, now: datetime) -> TextVersion:
    """Begin a draft that says what the newest published text says."""
    before = published(TextVersion, petition.id)
    copy = TextVersion(
        petition_id=petition.id,
        number=before.number + 1 if before else 1,
        created_at=now,
        written_by=[],
    )
    db.session.add(copy)
    db.session.flush()
    if before is None:
        return copy
    for text in _rows(PetitionText, PetitionText.text_version_id == before.id):
        words = {name: getattr(text, name) for name in TEXT_FIELDS}
        words["made_from"] = text.made_from
        db.session.add(PetitionText(text_version_id=copy.id, language=text.language, **words))
    for ask in asks_in(before.id):
        _copy_ask(ask, copy.id)
    db.session.flush()
    return copy


def copied_consent(petition: Petition, now: datetime) -> ConsentVersion:
    """Begin a draft that says what the newest published consent says. It names no office yet."""
    before = published(ConsentVersion, petition.id)
    number = before.number + 1 if before else 1
    copy = ConsentVersion(petition_id=petition.id, number=number, created_at=now, written_by=[])
    db.session.add(copy)
    db.session.flush()
    if before is not None:
        copy_consent_words(before, copy)
    return copy


def copy_consent_words(before: ConsentVersion, copy: ConsentVersion) -> None:
    """Copy the words of one consent into another, which has none."""
    for text in _rows(ConsentText, ConsentText.consent_version_id == before.id):
        words = {name: getattr(text, name) for name in CONSENT_FIELDS}
        words["made_from"] = text.made_from
        db.session.add(ConsentText(consent_version_id=copy.id, language=text.language, **words))
    db.session.flush()


def drop_text(version: TextVersion) -> None:
    """Delete a draft of the text with all its words and asks."""
    asks = select(Ask.id).where(Ask.text_version_id == version.id)
    db.session.execute(delete(AskAddressee).where(AskAddressee.ask_id.in_(asks)))
    db.session.execute(delete(AskText).where(AskText.ask_id.in_(asks)))
    db.session.execute(delete(Ask).where(Ask.text_version_id == version.id))
    db.session.execute(delete(PetitionText).where(PetitionText.text_version_id == version.id))
    db.session.delete(version)
    db.session.flush()


def drop_consent(version: ConsentVersion) -> None:
    """Delete a draft of the consent with its words."""
    for table in (ConsentText, ConsentOffice):
        db.session.execute(delete(table).where(table.consent_version_id == version.id))
    db.session.delete(version)
    db.session.flush()


def asks_in(version_id: int) -> list[Ask]:
    """Return the asks of a text version in their order."""
    query = select(Ask).where(Ask.text_version_id == version_id).order_by(Ask.position)
    return list(db.session.execute(query).scalars())


def aims_of(version_id: int) -> dict[int, set[int]]:
    """Return the addressees that each ask of a text version is aimed at, of those still there."""
    query = (
        select(AskAddressee.ask_id, AskAddressee.addressee_id)
        .join(Ask, Ask.id == AskAddressee.ask_id)
        .join(Addressee, Addressee.id == AskAddressee.addressee_id)
        .where(Ask.text_version_id == version_id, Addressee.removed_at.is_(None))
    )
    aimed: dict[int, set[int]] = {}
    for ask_id, addressee_id in db.session.execute(query):
        aimed.setdefault(ask_id, set()).add(addressee_id)
    return aimed


def addressees_of(petition_id: int, *, removed: bool = False) -> list[Addressee]:
    """Return a petition's addressees in their order, those taken off only where asked for."""
    query = select(Addressee).where(Addressee.petition_id == petition_id)
    if not removed:
        query = query.where(Addressee.removed_at.is_(None))
    return list(db.session.execute(query.order_by(Addressee.position, Addressee.id)).scalars())


def name_offices(version: ConsentVersion, addressees: Iterable[Addressee]) -> None:
    """Let a consent, that names none yet, name the addressees as they are now, in their words."""
    told = list(addressees)
    offices = offices_of(told)
    for one in told:
        row = ConsentOffice(
            consent_version_id=version.id,
            addressee_id=one.id,
            names_go=one.names_go,
            office=offices[one.id],
        )
        db.session.add(row)
    db.session.flush()


def offices_of(addressees: Iterable[Addressee]) -> dict[int, str]:
    """Return the office of each addressee in its source language; for a rule an empty text."""
    told = list(addressees)
    query = (
        select(OfficialText.official_id, OfficialText.office)
        .join(Official, Official.id == OfficialText.official_id)
        .where(
            OfficialText.language == Official.source_language,
            Official.id.in_([one.official_id for one in told if one.official_id]),
        )
    )
    offices = {row.official_id: row.office for row in db.session.execute(query)}
    return {one.id: offices.get(one.official_id, "") for one in told}


def hold_offices(addressees: Iterable[Addressee]) -> None:
    """Let nobody change the officials among these addressees until the transaction ends."""
    ids = [one.official_id for one in addressees if one.official_id]
    query = select(Official.id).where(Official.id.in_(ids)).order_by(Official.id)
    db.session.execute(query.with_for_update()).all()


def offices_named(version_id: int) -> dict[int, bool]:
    """Return the addressees that a consent names, and whether it does so for names."""
    query = select(ConsentOffice.addressee_id, ConsentOffice.names_go)
    query = query.where(ConsentOffice.consent_version_id == version_id)
    return {row.addressee_id: row.names_go for row in db.session.execute(query)}


TEXT_FIELDS = ("title", "text", "letter_subject", "letter_opening", "letter_closing")
CONSENT_FIELDS = ("risk", "consent", "news")
VOICES = ("for_readers", "for_letter")


def _copy_ask(ask: Ask, version_id: int) -> None:
    copy = Ask(text_version_id=version_id, position=ask.position, country=ask.country)
    db.session.add(copy)
    db.session.flush()
    for text in _rows(AskText, AskText.ask_id == ask.id):
        words = {name: getattr(text, name) for name in VOICES}
        words["made_from"] = text.made_from
        db.session.add(AskText(ask_id=copy.id, language=text.language, **words))
    for addressee_id in aims_of(ask.text_version_id).get(ask.id, ()):
        db.session.add(AskAddressee(ask_id=copy.id, addressee_id=addressee_id))


_Row = TypeVar("_Row", PetitionText, AskText, ConsentText)


def _rows(table: type[_Row], where: object) -> list[_Row]:
    return list(db.session.execute(select(table).where(where)).scalars())  # type: ignore[arg-type]  # a comparison of columns
