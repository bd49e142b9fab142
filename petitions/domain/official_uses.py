"""Who uses an official, which officials are alike, which slug is free. Reads only."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from sqlalchemy import false, func, select

from petitions.domain.official_lists import folded, texts_of
from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.i18n import country_name
from petitions.models import (
    Addressee,
    Bundle,
    ContactKind,
    Official,
    OfficialContact,
    OfficialText,
    Part,
    Petition,
    PetitionText,
    Reply,
    TextVersion,
)

_LONGEST_SLUG = 70
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Similar:
    """An official that is nearly the one that is being entered."""

    id: int
    office: str
    language: str
    country: str | None
    same_email: bool


@dataclass(frozen=True, slots=True)
class UsedBy:
    """A petition that an official is an addressee of, with how many bundles it got there."""

    petition_id: int
    title: str
    language: str
    part: Part
    removed: bool
    bundles: int


def similar_to(
    emails: Collection[str], office: str, country: str | None, *, but: int | None = None
) -> tuple[Similar, ...]:
    """Return officials with one of the e-mail addresses, or the same office in the same country.

    `but` is the official that is being changed.
    """
    same_email = _with_email({email.casefold() for email in emails})
    same_office = _with_office(office, country) if office else set()
    similar = []
    for official_id in sorted((same_email | same_office) - ({but} if but else set())):
        official = db.session.get_one(Official, official_id)
        text = texts_of(official_id)[official.source_language]
        alike = official_id in same_email
        similar.append(Similar(official_id, text.office, text.language, official.country, alike))
    return tuple(similar)


def slug_for(office: str, country: str | None) -> str:
    """Return a slug of an office and its country that no official has yet."""
    place = country_name(country, "en") if country else ""
    words = _NO_WORD.sub("-", anyascii(f"{office} {place}").lower()).strip("-")
    stem = words[:_LONGEST_SLUG].rstrip("-") or "official"
    alike = select(Official.slug).where(Official.slug.startswith(stem, autoescape=True))
    taken = set(db.session.execute(alike).scalars())
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def is_addressee(official_id: int) -> bool:
    """Whether a petition names the official, or once did: its slug then stands in bundles."""
    query = select(Addressee.id).where(Addressee.official_id == official_id).limit(1)
    return db.session.execute(query).first() is not None


def gets_names(official: Official) -> bool:
    """Whether a petition hands names to the official, itself or by a rule for embassies."""
    by_rule = Addressee.embassies_of == official.represents if official.represents else false()
    query = select(Addressee.id).where(
        (Addressee.official_id == official.id) | by_rule,
        Addressee.names_go,
        Addressee.removed_at.is_(None),
    )
    return db.session.execute(query.limit(1)).first() is not None


def is_used(official_id: int) -> bool:
    """Whether a petition, a bundle or a reply names the official: then it stays."""
    return any(
        db.session.execute(
            select(table.id).where(table.official_id == official_id).limit(1)
        ).first()
        for table in (Addressee, Bundle, Reply)
    )


def used_by(official_id: int, wishes: Sequence[str]) -> tuple[UsedBy, ...]:
    """Return the petitions that name the official or, for an embassy, prepared a bundle for it."""
    bundles = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Bundle.addressee_id, func.count())
            .where(Bundle.official_id == official_id)
            .group_by(Bundle.addressee_id)
        )
    }
    query = select(Addressee).where(
        (Addressee.official_id == official_id) | Addressee.id.in_(bundles)
    )
    return tuple(
        UsedBy(
            addressee.petition_id,
            *_title(addressee.petition_id, wishes),
            addressee.part,
            addressee.removed_at is not None,
            bundles.get(addressee.id, 0),
        )
        for addressee in db.session.execute(query.order_by(Addressee.petition_id)).scalars()
    )


def _with_email(emails: Collection[str]) -> set[int]:
    if not emails:
        return set()
    query = select(OfficialContact.official_id, OfficialContact.value).where(
        OfficialContact.kind == ContactKind.EMAIL
    )
    return {row[0] for row in db.session.execute(query) if row[1].casefold() in emails}


def _with_office(office: str, country: str | None) -> set[int]:
    query = (
        select(Official.id, OfficialText.office)
        .join(OfficialText, OfficialText.official_id == Official.id)
        .where(Official.country == country if country else Official.country.is_(None))
    )
    sought = folded(" ".join(office.split()))
    return {row[0] for row in db.session.execute(query) if folded(row[1]) == sought}


def _title(petition_id: int, wishes: Sequence[str]) -> tuple[str, str]:
    """Return a petition's newest title with its language; its slug where it has no text yet."""
    query = (
        select(PetitionText.language, PetitionText.title)
        .join(TextVersion, TextVersion.id == PetitionText.text_version_id)
        .where(TextVersion.petition_id == petition_id)
        .order_by(TextVersion.number)  # of each language the newest stays
    )
    titles = {row[0]: row[1] for row in db.session.execute(query) if row[1]}
    if not titles:
        return db.session.get_one(Petition, petition_id).slug, ""
    language = pick(wishes, titles.keys(), "en")
    return titles[language], language
