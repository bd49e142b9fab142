"""All that is held about a signer, as plain data for the signer alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from petitions.domain.presenting.own_page import held_by, line_of
from petitions.domain.presenting.versions import consents_of, texts_of
from petitions.domain.privacy import OwnSignature
from petitions.domain.sealing import address_context, opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing
from petitions.extensions import db
from petitions.models import ConsentVersion, Mail, SignatureState, TextVersion


def everything_held(site: Site, signature_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return all that is held about these signatures, as plain data for the signer's download."""
    return [_everything(site, own) for own in held_by(site, signature_ids)]


def _everything(site: Site, own: OwnSignature) -> dict[str, Any]:
    signature = own.signature
    line = line_of(own, [signature.language])
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
    return plain.decode().rstrip()


def _mails(signature_id: int) -> list[dict[str, str | None]]:
    query = select(Mail.kind, Mail.state, Mail.created_at, Mail.final_at)
    query = query.where(Mail.signature_id == signature_id).order_by(Mail.id)
    return [
        {"kind": kind.value, "state": state.value, "asked_at": _iso(asked), "final_at": _iso(final)}
        for kind, state, asked, final in db.session.execute(query)
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
