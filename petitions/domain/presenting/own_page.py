"""A signer's own signatures: what is held, what officials were given, and all as one download."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from petitions.domain.presenting.versions import consents_of, texts_of
from petitions.domain.presenting.wording import pick
from petitions.domain.privacy import OwnSignature, own_signature
from petitions.domain.sealing import address_context, opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing, TokenExpired
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleSignature,
    Case,
    ConsentVersion,
    Mail,
    Official,
    OfficialText,
    SignatureState,
    TextVersion,
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
    return OwnPage(tuple(_line(own, wishes) for own in _held(site, signature_ids)))


def everything_held(site: Site, signature_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return all that is held about these signatures, as plain data for the signer's download."""
    return [_everything(site, own) for own in _held(site, signature_ids)]


def _held(site: Site, signature_ids: Sequence[int]) -> list[OwnSignature]:
    found = []
    for signature_id in signature_ids:
        try:
            found.append(own_signature(site, signature_id))
        except TokenExpired:
            continue
    return found


def _line(own: OwnSignature, wishes: Sequence[str]) -> OwnLine:
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


def _everything(site: Site, own: OwnSignature) -> dict[str, Any]:
    signature = own.signature
    line = _line(own, [signature.language])
    text = select(TextVersion.number).where(TextVersion.id == signature.text_version_id)
    consent = select(ConsentVersion.number).where(ConsentVersion.id == signature.consent_version_id)
    signed = texts_of(signature.text_version_id).get(signature.language)
    agreed = consents_of(signature.consent_version_id).get(signature.language)
    shown_as_confirmed = signature.state in {SignatureState.CONFIRMED, SignatureState.SET_ASIDE}
    return {
        "petition": line.petition_slug,
        "title": line.title,
        "language": signature.language,
        "name": line.name,
        "initials": line.initials,
        "place": line.place,
        "country": signature.country,
        "appearance": signature.appearance.value,
        "e-mail": _address(site, own),
        "news": signature.news,
        "confirmed": shown_as_confirmed and signature.confirmed_at is not None,
        "late": signature.late,
        "verified_by": signature.verified_by.value,
        "signed_at": _iso(signature.created_at),
        "confirmed_at": _iso(signature.confirmed_at),
        "text_version": db.session.execute(text).scalar_one(),
        "text": list(signed.paragraphs) if signed else [],
        "consent_version": db.session.execute(consent).scalar_one(),
        "consent": agreed.consent if agreed else "",
        "risk_told": agreed.risk if agreed else "",
        "bundles": [
            {
                "number": bundle.number,
                "frozen_at": _iso(bundle.frozen_at),
                "office": bundle.office,
                "appearance": bundle.appearance.value,
            }
            for bundle in line.bundles
        ],
        "mails": _mails(signature.id),
    }


def _address(site: Site, own: OwnSignature) -> str | None:
    """Open the address where it is still held: before confirmation, or for news."""
    signature = own.signature
    if signature.address_sealed is None or signature.data_key_id is None:
        return None
    context = address_context(own.petition.id, signature.order_number)
    try:
        opener = opener_for(own.petition.case_id, site.keyring)
        plain = opener.bytes(signature.data_key_id, signature.address_sealed, context)
    except (KeyMissing, CannotOpen):
        return None
    return plain.decode()


def _mails(signature_id: int) -> list[dict[str, str | None]]:
    query = select(Mail.kind, Mail.state, Mail.created_at, Mail.final_at)
    query = query.where(Mail.signature_id == signature_id).order_by(Mail.id)
    return [
        {"kind": kind.value, "state": state.value, "asked_at": _iso(asked), "final_at": _iso(final)}
        for kind, state, asked, final in db.session.execute(query)
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
