"""Which signatures an office may get, and how each of them appears there.

Eligible is who confirmed by e-mail and read a consent that named the office. Names go only where
both the petition and that consent say so; everybody else is counted.
"""

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select

from petitions.domain.recipients import Recipient
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleSignature,
    ConsentOffice,
    Signature,
    SignatureState,
    TextVersion,
    Verification,
)


def eligible(recipient: Recipient, version: TextVersion) -> Select[int, Appearance, str, int]:
    """Return the query for id, appearance, country and order of a version's eligible signatures."""
    return (
        select(Signature.id, _appearance(recipient), Signature.country, Signature.order_number)
        .join(
            ConsentOffice,
            (ConsentOffice.consent_version_id == Signature.consent_version_id)
            & (ConsentOffice.addressee_id == recipient.addressee.id),
        )
        .where(Signature.text_version_id == version.id, *_confirmed(recipient, version.petition_id))
    )


def counts_by_country(
    recipient: Recipient, version: TextVersion
) -> dict[str, dict[Appearance, int]]:
    """Return how many eligible signatures of a version appear how, for each signer's country."""
    rows = eligible(recipient, version).subquery()
    query = select(rows.c.country, rows.c.appearance, func.count()).group_by(
        rows.c.country, rows.c.appearance
    )
    found: dict[str, dict[Appearance, int]] = {}
    for country, appearance, number in db.session.execute(query):
        found.setdefault(country, {})[Appearance(appearance)] = number
    return found


def _confirmed(recipient: Recipient, petition_id: int) -> list[ColumnElement[bool]]:
    """What is true of a signature that was confirmed and lives where the office stands for."""
    conditions: list[ColumnElement[bool]] = [
        Signature.petition_id == petition_id,
        Signature.state == SignatureState.CONFIRMED,
        Signature.verified_by == Verification.EMAIL,
    ]
    if recipient.addressee.embassies_of:
        conditions.append(Signature.country.in_(recipient.countries))
    if recipient.since_last:
        conditions.append(~in_a_bundle_for(recipient))
    return conditions


def in_a_bundle_for(recipient: Recipient) -> ColumnElement[bool]:
    """Whether a signature stands in a bundle that was frozen for this office."""
    return exists().where(
        BundleSignature.signature_id == Signature.id,
        BundleSignature.bundle_id == Bundle.id,
        Bundle.official_id == recipient.official.id,
    )


def _appearance(recipient: Recipient) -> ColumnElement[Appearance]:
    """How a signature appears: as chosen where this office's names were consented to."""
    if not recipient.names_go:
        return Signature.appearance.label("appearance")
    counted = literal(Appearance.COUNTED, Signature.appearance.type)
    return case((ConsentOffice.names_go, Signature.appearance), else_=counted).label("appearance")
