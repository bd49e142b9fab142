"""One version of what is signed: text and asks in a language, consent, and the offices it names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.presenting.wording import paragraphs, pick
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Ask,
    AskAddressee,
    AskText,
    ConsentText,
    Official,
    OfficialText,
    Part,
    PetitionText,
)


@dataclass(frozen=True, slots=True)
class AddresseeLine:
    """An office and its present holder, or the rule 'embassies of X in the signer's country'."""

    id: int
    part: Part
    names_go: bool
    embassies_of: str | None
    country: str | None
    language: str
    office: str
    holder: str
    organisation: str
    postal_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskGroup:
    """Asks with the same addressees, in the readers' voice and in the letter's."""

    addressees: tuple[AddresseeLine, ...]
    for_readers: tuple[str, ...]
    for_letter: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedWords:
    """A version of the petition's text in one language."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    letter_subject: str
    letter_opening: tuple[str, ...]
    letter_closing: str


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """A version of the consent in one language."""

    language: str
    risk: str
    consent: str
    news: str


def texts_of(version_id: int) -> dict[str, SignedWords]:
    """Return a text version by language."""
    query = select(PetitionText).where(PetitionText.text_version_id == version_id)
    return {
        text.language: SignedWords(
            language=text.language,
            title=text.title,
            paragraphs=paragraphs(text.text),
            letter_subject=text.letter_subject,
            letter_opening=paragraphs(text.letter_opening),
            letter_closing=text.letter_closing,
        )
        for text in db.session.execute(query).scalars()
    }


def consents_of(version_id: int) -> dict[str, ConsentWords]:
    """Return a consent version by language."""
    query = select(ConsentText).where(ConsentText.consent_version_id == version_id)
    return {
        text.language: ConsentWords(text.language, text.risk, text.consent, text.news)
        for text in db.session.execute(query).scalars()
    }


def asks_of(version_id: int) -> dict[int, dict[str, tuple[str, str]]]:
    """Return both voices of each ask of a text version, by ask in its order, then by language."""
    query = (
        select(Ask.id, AskText.language, AskText.for_readers, AskText.for_letter)
        .join(AskText, AskText.ask_id == Ask.id)
        .where(Ask.text_version_id == version_id)
        .order_by(Ask.position)
    )
    asks: dict[int, dict[str, tuple[str, str]]] = {}
    for ask_id, language, for_readers, for_letter in db.session.execute(query):
        asks.setdefault(ask_id, {})[language] = (for_readers, for_letter)
    return asks


def ask_groups(
    version_id: int,
    asks: dict[int, dict[str, tuple[str, str]]],
    addressees: Iterable[AddresseeLine],
    language: str,
) -> tuple[AskGroup, ...]:
    """Return the asks that exist in a language, those with the same addressees together."""
    query = select(AskAddressee.ask_id, AskAddressee.addressee_id)
    query = query.join(Ask, Ask.id == AskAddressee.ask_id).where(Ask.text_version_id == version_id)
    aimed: dict[int, set[int]] = {}
    for ask_id, addressee_id in db.session.execute(query):
        aimed.setdefault(ask_id, set()).add(addressee_id)
    groups: dict[tuple[AddresseeLine, ...], list[tuple[str, str]]] = {}
    for ask_id, voices in asks.items():
        to = tuple(line for line in addressees if line.id in aimed.get(ask_id, set()))
        if language in voices:
            groups.setdefault(to, []).append(voices[language])
    return tuple(
        AskGroup(to, tuple(reader for reader, _ in both), tuple(letter for _, letter in both))
        for to, both in groups.items()
    )


def addressees_of(petition_id: int, wishes: Sequence[str]) -> tuple[AddresseeLine, ...]:
    """Return a petition's addressees in their order, each named in the reader's best language."""
    rows = db.session.execute(
        select(Addressee, Official)
        .outerjoin(Official, Official.id == Addressee.official_id)
        .where(Addressee.petition_id == petition_id, Addressee.removed_at.is_(None))
        .order_by(Addressee.position)
    ).all()
    texts = _official_texts(row.official_id for row, _ in rows if row.official_id is not None)
    return tuple(_addressee(row, official, texts, wishes) for row, official in rows)


def _addressee(
    row: Addressee,
    official: Official | None,
    texts: dict[int, dict[str, OfficialText]],
    wishes: Sequence[str],
) -> AddresseeLine:
    if official is None:
        return AddresseeLine(
            row.id, row.part, row.names_go, row.embassies_of, None, "", "", "", "", ()
        )
    words = texts[official.id]
    text = words[pick(wishes, words, official.source_language)]
    return AddresseeLine(
        id=row.id,
        part=row.part,
        names_go=row.names_go,
        embassies_of=None,
        country=official.country,
        language=text.language,
        office=text.office,
        holder=text.name,
        organisation=text.organisation,
        postal_lines=tuple(line for line in official.postal_lines.splitlines() if line.strip()),
    )


def _official_texts(official_ids: Iterable[int]) -> dict[int, dict[str, OfficialText]]:
    query = select(OfficialText).where(OfficialText.official_id.in_(list(official_ids)))
    texts: dict[int, dict[str, OfficialText]] = {}
    for text in db.session.execute(query).scalars():
        texts.setdefault(text.official_id, {})[text.language] = text
    return texts
