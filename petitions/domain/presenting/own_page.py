"""A signer's own signatures: what is held, and what officials were given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.domain.case_keys import is_sealed
from petitions.domain.held_questions import question_about
from petitions.domain.presenting.bundle_proof import has_commitments
from petitions.domain.presenting.versions import texts_of
from petitions.domain.presenting.wording import pick
from petitions.domain.privacy import OwnSignature, kept_for_bundles, own_signature
from petitions.domain.site import Site
from petitions.errors import TokenExpired
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleProof,
    BundleSignature,
    Case,
    Official,
    OfficialText,
    Petition,
)


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A frozen bundle that a signature stands in, and what that office sees of it."""

    number: int
    frozen_at: datetime
    language: str
    office: str
    appearance: Appearance
    id: int
    public_id: str
    line: int | None
    proved: bool
    """Whether its commitments are published, and this server can open the line of one's own."""


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
    is_sealed: bool
    asked_at: datetime | None
    """When they asked what is held, where a sealed case is answered by a person."""
    name: str | None = field(repr=False)
    initials: str | None = field(repr=False)
    place: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class WithdrawnLine:
    """A withdrawn signature that frozen bundles hold: its person is kept, sealed, for those."""

    id: int
    language: str
    title: str
    withdrawn_at: datetime | None
    bundles: tuple[BundleLine, ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """All signatures of one link that are still held, and what is left of withdrawn ones."""

    lines: tuple[OwnLine, ...]
    withdrawn: tuple[WithdrawnLine, ...]


def own_page(site: Site, signature_ids: Sequence[int], wishes: Sequence[str]) -> OwnPage:
    """Return the signatures that are still held, and withdrawn ones that stand in bundles."""
    return OwnPage(
        lines=tuple(line_of(own, wishes) for own in held_by(site, signature_ids)),
        withdrawn=tuple(_withdrawn(signature_ids, wishes)),
    )


def held_by(
    site: Site, signature_ids: Sequence[int], *, ended_too: bool = False
) -> list[OwnSignature]:
    """Return the signatures of a link that are still held; with `ended_too`, withdrawn ones too."""
    found = []
    for signature_id in signature_ids:
        try:
            found.append(own_signature(site, signature_id, ended_too=ended_too))
        except TokenExpired:
            continue
    return found


def line_of(own: OwnSignature, wishes: Sequence[str]) -> OwnLine:
    """Return what a signer sees of one signature."""
    signature, petition = own.signature, own.petition
    words = texts_of(signature.text_version_id)
    language = pick(wishes, words, signature.language)
    question = question_about(signature.id)
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
        is_sealed=is_sealed(petition.case_id),
        asked_at=question.asked_at if question and question.answered_at is None else None,
        name=own.person.name if own.person else None,
        initials=own.person.initials if own.person else None,
        place=own.person.place if own.person else None,
    )


def _withdrawn(signature_ids: Sequence[int], wishes: Sequence[str]) -> Iterator[WithdrawnLine]:
    for signature_id in signature_ids:
        kept = kept_for_bundles(signature_id)
        if kept is None:
            continue
        signature = kept[0]
        words = texts_of(signature.text_version_id)
        language = pick(wishes, words, signature.language)
        title, bundles = words[language].title, _bundles(signature.id, wishes)
        yield WithdrawnLine(signature.id, language, title, signature.withdrawn_at, bundles)


def _bundles(signature_id: int, wishes: Sequence[str]) -> tuple[BundleLine, ...]:
    query = (
        select(Bundle, BundleSignature, Official.source_language, Petition, BundleProof)
        .join(BundleSignature, BundleSignature.bundle_id == Bundle.id)
        .join(Petition, Petition.id == Bundle.petition_id)
        .outerjoin(BundleProof, BundleProof.bundle_id == Bundle.id)
        .join(Official, Official.id == Bundle.official_id)
        .where(BundleSignature.signature_id == signature_id)
        .order_by(Bundle.id)
    )
    lines = []
    for bundle, stands, source, petition, proof in db.session.execute(query):
        texts = select(OfficialText.language, OfficialText.office)
        texts = texts.where(OfficialText.official_id == bundle.official_id)
        offices = {row.language: row.office for row in db.session.execute(texts)}
        language = pick(wishes, offices, source)
        office = offices[language]
        lines.append(
            BundleLine(
                number=bundle.number,
                frozen_at=bundle.frozen_at,
                language=language,
                office=office,
                appearance=stands.appearance,
                id=bundle.id,
                public_id=bundle.public_id,
                line=stands.line,
                proved=petition.publish_proof
                and has_commitments(bundle, proof)
                and not is_sealed(petition.case_id),
            )
        )
    return tuple(lines)
