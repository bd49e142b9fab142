"""All that is held about a signer, as plain data for the signer alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from petitions.domain import kept_addresses
from petitions.domain.presenting.consent_proof import ConsentProof, proof_of
from petitions.domain.presenting.own_page import held_by, line_of
from petitions.domain.privacy import OwnSignature, kept_for_bundles
from petitions.domain.sealing import address_context, opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing
from petitions.extensions import db
from petitions.models import Delivery, Mail, SignatureState


def everything_held(
    site: Site, signature_ids: Sequence[int], *, ended_too: bool = False
) -> list[dict[str, Any]]:
    """Return all that is held about these signatures, as plain data for the signer's download.

    A withdrawn one is among them while a bundle keeps its person; with `ended_too` every one, as an
    organiser finds them. That a signature was set aside is not told: whoever was caught sees
    nothing unusual.
    """
    found = held_by(site, signature_ids, ended_too=ended_too)
    if not ended_too:
        kept = [number for number in signature_ids if kept_for_bundles(number)]
        found += held_by(site, kept, ended_too=True)
    return [_everything(site, own) for own in found]


def _everything(site: Site, own: OwnSignature) -> dict[str, Any]:
    signature, person = own.signature, own.person
    line = line_of(own, [signature.language])
    proof = proof_of(signature)
    shown_as_confirmed = signature.state in {SignatureState.CONFIRMED, SignatureState.SET_ASIDE}
    return {
        "signature": signature.id,
        "petition": line.petition_slug,
        "title": line.title,
        "language": signature.language,
        "name": line.name,
        "initials": line.initials,
        "place": line.place,
        "country": signature.country,
        "appearance": signature.appearance.value,
        "e-mail": _address(site, own),
        "address_fingerprint_held": signature.lookup is not None,
        "news": signature.news,
        "confirmed": shown_as_confirmed and signature.confirmed_at is not None,
        "late": signature.late,
        "verified_by": signature.verified_by.value,
        "signed_at": _iso(signature.created_at),
        "confirmed_at": _iso(signature.confirmed_at),
        "withdrawn_at": _iso(signature.withdrawn_at),
        "place_in_order": signature.order_number,
        "salt_of_commitments": person.salt.hex() if person else None,
        "opens_here": person is not None or not signature.holds_person,
        "text_version": proof.text_number,
        "text": list(proof.text.paragraphs) if proof.text else [],
        "asks": list(proof.asks),
        "consent_version": proof.consent_number,
        "consent": proof.words.consent if proof.words else "",
        "risk_told": proof.words.risk if proof.words else "",
        "purposes": _purposes(proof),
        "bundles": [
            {
                "id": bundle.public_id,
                "number": bundle.number,
                "frozen_at": _iso(bundle.frozen_at),
                "office": bundle.office,
                "appearance": bundle.appearance.value,
                "line": bundle.line,
                "deliveries": _deliveries(bundle.id),
            }
            for bundle in line.bundles
        ],
        "mails": _mails(signature.id),
    }


def _purposes(proof: ConsentProof) -> list[dict[str, Any]]:
    """Return what was agreed to, for each purpose, as it was shown."""
    offices = [
        {"office": one.office, "embassies_of": one.embassies_of, "gets_names": one.names_go}
        for one in proof.offices
    ]
    times = {"agreed_at": _iso(proof.agreed_at), "confirmed_at": _iso(proof.confirmed_at)}
    news = {
        "purpose": "news",
        "text": proof.words.news if proof.words else "",
        "agreed": proof.news_agreed,
        "ended_at": _iso(proof.news_ended_at),
    }
    return [
        {
            "purpose": "signature to these offices",
            "text": proof.words.consent if proof.words else "",
            "agreed": True,
            **times,
            "offices": offices,
        },
        {**news, **(times if proof.news_agreed else {})},
    ]


def _address(site: Site, own: OwnSignature) -> str | None:
    """Open the address where it is still held: before confirmation, or for news."""
    signature = own.signature
    sealed = signature.address_sealed or kept_addresses.kept(signature.id)
    if sealed is None or signature.data_key_id is None:
        return None
    context = address_context(own.petition.id, signature.order_number)
    try:
        opener = opener_for(own.petition.case_id, site.keyring)
        plain = opener.bytes(signature.data_key_id, sealed, context)
    except (KeyMissing, CannotOpen):
        return None
    return plain.decode().rstrip()


def _deliveries(bundle_id: int) -> list[dict[str, str | None]]:
    query = select(Delivery).where(Delivery.bundle_id == bundle_id).order_by(Delivery.id)
    return [
        {
            "state": one.state.value,
            "channel": one.channel.value,
            "attempted_at": _iso(one.attempted_at),
            "outcome": one.outcome.value if one.outcome else None,
        }
        for one in db.session.execute(query).scalars()
    ]


def _mails(signature_id: int) -> list[dict[str, str | None]]:
    query = select(Mail).where(Mail.signature_id == signature_id).order_by(Mail.id)
    return [
        {
            "kind": mail.kind.value,
            "state": mail.state.value,
            "language": mail.language,
            "asked_at": _iso(mail.created_at),
            "final_at": _iso(mail.final_at),
            "outcome": mail.outcome,
        }
        for mail in db.session.execute(query).scalars()
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
