"""A signer's own signatures: what is held, and what officials were given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.domain.presenting.versions import texts_of
from petitions.domain.presenting.wording import pick
from petitions.domain.privacy import OwnSignature, own_signature
from petitions.domain.site import Site
from petitions.errors import TokenExpired
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleSignature,
    Case,
    Official,
    OfficialText,
)


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A frozen bundle that a signature stands in, and what that office sees of it."""

    number: int
    frozen_at: datetime
    language: str
    office: str
    appearance: Appearance


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One signature as its signer sees it. Names are None where this server cannot open them."""

    id: int
    language: str
    title: str
    petition_slug: str
    case_is_hidden: bool
    country: str
    appearance: Appearance
    choices: tuple[Appearance, ...]
    confirmed: bool
    news: bool
    signed_at: datetime
    confirmed_at: datetime | None
    bundles: tuple[BundleLine, ...]
    name: str | None = field(repr=False)
    initials: str | None = field(repr=False)
    place: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnPage:
    """All signatures of one link that are still held."""

    lines: tuple[OwnLine, ...]


def own_page(site: Site, signature_ids: Sequence[int], wishes: Sequence[str]) -> OwnPage:
    """Return the signatures that are still held; those withdrawn or gone are left out."""
    return OwnPage(tuple(line_of(own, wishes) for own in held_by(site, signature_ids)))


def held_by(site: Site, signature_ids: Sequence[int]) -> list[OwnSignature]:
    """Return the signatures of a link that are still held."""
    found = []
    for signature_id in signature_ids:
        try:
            found.append(own_signature(site, signature_id))
        except TokenExpired:
            continue
    return found


def line_of(own: OwnSignature, wishes: Sequence[str]) -> OwnLine:
    """Return what a signer sees of one signature."""
    signature, petition = own.signature, own.petition
    words = texts_of(signature.text_version_id)
    language = pick(wishes, words, signature.language)
    hidden = select(Case.hidden_at).where(Case.id == petition.case_id)
    return OwnLine(
        id=signature.id,
        language=language,
        title=words[language].title,
        petition_slug=petition.slug,
        case_is_hidden=db.session.execute(hidden).scalar_one() is not None,
        country=signature.country,
        appearance=signature.appearance,
        choices=tuple(a for a in Appearance if a.shows_no_more_than(signature.appearance)),
        confirmed=signature.confirmed_at is not None,
        news=signature.news,
        signed_at=signature.created_at,
        confirmed_at=signature.confirmed_at,
        bundles=_bundles(signature.id, wishes),
        name=own.person.name if own.person else None,
        initials=own.person.initials if own.person else None,
        place=own.person.place if own.person else None,
    )


def _bundles(signature_id: int, wishes: Sequence[str]) -> tuple[BundleLine, ...]:
    query = (
        select(Bundle, BundleSignature.appearance, Official.source_language)
        .join(BundleSignature, BundleSignature.bundle_id == Bundle.id)
        .join(Official, Official.id == Bundle.official_id)
        .where(BundleSignature.signature_id == signature_id)
        .order_by(Bundle.id)
    )
    lines = []
    for bundle, appearance, source in db.session.execute(query):
        texts = select(OfficialText.language, OfficialText.office)
        texts = texts.where(OfficialText.official_id == bundle.official_id)
        offices = {row.language: row.office for row in db.session.execute(texts)}
        language = pick(wishes, offices, source)
        office = offices[language]
        lines.append(BundleLine(bundle.number, bundle.frozen_at, language, office, appearance))
    return tuple(lines)
