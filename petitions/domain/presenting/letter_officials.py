"""Whom a signer can write to, as readers see them: who, where, and the ways to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.presenting.wording import pick
from petitions.domain.recipients import Recipient
from petitions.extensions import db
from petitions.models import (
    Accreditation,
    Addressee,
    ContactKind,
    Official,
    OfficialContact,
    OfficialText,
    Part,
    Petition,
)


@dataclass(frozen=True, slots=True)
class LetterOfficial:
    """Somebody to write to, named in the reader's language. `represents` is an embassy's state."""

    slug: str
    part: Part
    represents: str | None
    language: str
    office: str
    holder: str
    organisation: str
    country: str | None
    postal_lines: tuple[str, ...]
    preferred_language: str | None
    emails: tuple[str, ...]
    faxes: tuple[str, ...]
    web: tuple[str, ...]


def named_officials(petition: Petition, wishes: Sequence[str]) -> tuple[LetterOfficial, ...]:
    """Return the officials whom the petition names, in their order."""
    query = (
        select(Addressee, Official)
        .join(Official, Official.id == Addressee.official_id)
        .where(Addressee.petition_id == petition.id, Addressee.removed_at.is_(None))
        .order_by(Addressee.position)
    )
    return tuple(official_of(Recipient(*row), wishes) for row in db.session.execute(query).all())


def embassies_in(
    petition: Petition, state: str, country: str | None, wishes: Sequence[str]
) -> tuple[LetterOfficial, ...]:
    """Return the embassies, consulates and missions of a state that serve a country."""
    query = (
        select(Addressee, Official)
        .join(Official, Official.represents == Addressee.embassies_of)
        .join(Accreditation, Accreditation.official_id == Official.id)
        .where(Addressee.petition_id == petition.id, Addressee.removed_at.is_(None))
        .where(Addressee.embassies_of == state, Accreditation.country == country)
        .order_by(Official.slug)
    )
    return tuple(official_of(Recipient(*row), wishes) for row in db.session.execute(query).all())


def official_of(recipient: Recipient, wishes: Sequence[str]) -> LetterOfficial:
    """Return one official, named in the reader's best language."""
    official = recipient.official
    offices = offices_of(official.id)
    text = offices[pick(wishes, offices, official.source_language)]
    return LetterOfficial(
        slug=official.slug,
        part=recipient.addressee.part,
        represents=official.represents,
        language=text.language,
        office=text.office,
        holder=text.name,
        organisation=text.organisation,
        country=official.country,
        postal_lines=lines_of(official.postal_lines),
        preferred_language=official.preferred_language,
        emails=_contacts(official.id, ContactKind.EMAIL),
        faxes=_contacts(official.id, ContactKind.FAX),
        web=_contacts(official.id, ContactKind.WEB),
    )


def offices_of(official_id: int) -> dict[str, OfficialText]:
    """Return how an official is named and addressed, by language."""
    query = select(OfficialText).where(OfficialText.official_id == official_id)
    rows = db.session.execute(query.order_by(OfficialText.language)).scalars()
    return {text.language: text for text in rows}


def _contacts(official_id: int, kind: ContactKind) -> tuple[str, ...]:
    query = (
        select(OfficialContact.value)
        .where(OfficialContact.official_id == official_id, OfficialContact.kind == kind)
        .order_by(OfficialContact.position)
    )
    return tuple(db.session.execute(query).scalars())


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a postal block."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
