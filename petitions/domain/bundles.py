"""Freezing bundles: which signatures stand in the bundle of which official, and how they appear.

A bundle holds what its official may get: signatures whose signers read a consent that named the
office. Names go to an addressee only where both the petition and that consent say so; everybody
else is counted. Nothing here writes a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, insert, literal, select

from petitions.domain import audit
from petitions.domain.bundle_letters import letter_language
from petitions.domain.counting import numbers_of
from petitions.errors import NotFound, NothingToHandOver
from petitions.extensions import db
from petitions.models import (
    Accreditation,
    Addressee,
    Appearance,
    Bundle,
    BundleSignature,
    ConsentOffice,
    Official,
    Petition,
    Signature,
    SignatureState,
    TextVersion,
    Verification,
)

_LISTED = (Appearance.FULL, Appearance.INITIALS)


@dataclass(frozen=True, slots=True)
class Recipient:
    """An official with the part in the petition that makes it one. `countries` empty means all."""

    addressee: Addressee
    official: Official
    countries: tuple[str, ...] = ()


def recipients_of(petition: Petition) -> list[Recipient]:
    """Return all officials a petition is addressed to, embassies in place of their rule."""
    query = select(Addressee).where(Addressee.petition_id == petition.id)
    found: list[Recipient] = []
    for addressee in db.session.execute(query.order_by(Addressee.position)).scalars():
        if addressee.official_id is not None:
            found.append(Recipient(addressee, db.session.get_one(Official, addressee.official_id)))
        else:
            found.extend(_embassies(addressee))
    return found


def recipient_named(petition: Petition, name: str) -> Recipient:
    """Return the recipient whose official has this slug or number. Raises NotFound."""
    for recipient in recipients_of(petition):
        if name in {recipient.official.slug, str(recipient.official.id)}:
            return recipient
    raise NotFound(
        f"{name!r} is no official of this petition: "
        f"`petitions officials {petition.slug}` lists them"
    )


def freeze(
    petition: Petition, recipient: Recipient, now: datetime, *, language: str | None = None
) -> list[Bundle]:
    """Freeze the bundles for one recipient: all eligible signatures, one for each text version.

    A later bundle supersedes the one before. `language` is that of the letter, where not the one
    that `letter_language` chooses. The caller holds one snapshot of the database
    (`extensions.begin_snapshot`). Raises NothingToHandOver where nobody
    is eligible, BundleRefused where the letter has no language.
    """
    versions = select(TextVersion).where(TextVersion.petition_id == petition.id)
    frozen = [
        bundle
        for version in db.session.execute(versions.order_by(TextVersion.number)).scalars()
        if (bundle := _freeze_version(petition, recipient, version, now, language))
    ]
    if not frozen:
        raise NothingToHandOver(
            f"nothing to hand over to {recipient.official.slug}: "
            "no confirmed signature is eligible for that office yet"
        )
    return frozen


def recipient_of(bundle: Bundle) -> Recipient:
    """Return the recipient that a frozen bundle was made for."""
    addressee = db.session.get_one(Addressee, bundle.addressee_id)
    official = db.session.get_one(Official, bundle.official_id)
    countries = _accredited_to(official) if addressee.embassies_of else ()
    return Recipient(addressee, official, countries)


def bundle_numbered(petition: Petition, number: int) -> Bundle:
    """Return a petition's bundle by its number. Raises NotFound."""
    query = select(Bundle).where(Bundle.petition_id == petition.id, Bundle.number == number)
    bundle = db.session.execute(query).scalar_one_or_none()
    if bundle is None:
        raise NotFound(f"petition {petition.slug} has no bundle {number}")
    return bundle


def last_bundle(
    petition_id: int, official_id: int, version_id: int, before: int | None = None
) -> Bundle | None:
    """Return the newest bundle of a text version for an official, if there is one."""
    query = select(Bundle).where(
        Bundle.petition_id == petition_id,
        Bundle.official_id == official_id,
        Bundle.text_version_id == version_id,
    )
    if before is not None:
        query = query.where(Bundle.number < before)
    return db.session.execute(query.order_by(Bundle.number.desc()).limit(1)).scalar_one_or_none()


def _freeze_version(
    petition: Petition,
    recipient: Recipient,
    version: TextVersion,
    now: datetime,
    language: str | None,
) -> Bundle | None:
    addressee = recipient.addressee
    if addressee.names_go and db.engine.dialect.name == "postgresql":
        # A withdrawal now waits for this freeze, and then leaves the sealed row to it.
        locked = _eligible(recipient, version).with_for_update(read=True, of=Signature)
        db.session.execute(locked).fetchall()
    counts = _counts(recipient, version)
    if not counts:
        return None
    before = last_bundle(petition.id, recipient.official.id, version.id)
    number = _next_number(petition.id)
    others = numbers_of(petition.id)
    whole = not recipient.countries  # an embassy's numbers are those of its countries alone
    bundle = Bundle(
        public_id=f"{petition.slug}-{number}",
        petition_id=petition.id,
        number=number,
        addressee_id=addressee.id,
        official_id=recipient.official.id,
        text_version_id=version.id,
        language=letter_language(
            petition, recipient.official, addressee.part, version.id, only=language
        ),
        names_go=addressee.names_go,
        supersedes_id=before.id if before else None,
        frozen_at=now,
        named=counts.get(Appearance.FULL, 0),
        initials=counts.get(Appearance.INITIALS, 0),
        counted=counts.get(Appearance.COUNTED, 0),
        eligible=sum(counts.values()),
        attested=others.attested if whole else 0,
        paper=others.paper if whole else 0,
        appeals=others.appeals if whole else 0,
    )
    db.session.add(bundle)
    db.session.flush()
    if addressee.names_go:
        _enter_signatures(bundle, recipient, version)
    detail = {"official": recipient.official.slug, "eligible": bundle.eligible}
    audit.record("command", "bundle frozen", bundle.public_id, detail, now)
    return bundle


def _eligible(recipient: Recipient, version: TextVersion) -> Select[int, Appearance, str, int]:
    query = (
        select(Signature.id, _appearance(recipient), Signature.country, Signature.order_number)
        .join(
            ConsentOffice,
            (ConsentOffice.consent_version_id == Signature.consent_version_id)
            & (ConsentOffice.addressee_id == recipient.addressee.id),
        )
        .where(
            Signature.petition_id == version.petition_id,
            Signature.text_version_id == version.id,
            Signature.state == SignatureState.CONFIRMED,
            Signature.verified_by == Verification.EMAIL,
        )
    )
    if recipient.addressee.embassies_of:
        query = query.where(Signature.country.in_(recipient.countries))
    return query


def _appearance(recipient: Recipient) -> ColumnElement[Appearance]:
    """How a signature appears: as chosen where this office's names were consented to."""
    if not recipient.addressee.names_go:
        return Signature.appearance.label("appearance")
    counted = literal(Appearance.COUNTED, Signature.appearance.type)
    return case((ConsentOffice.names_go, Signature.appearance), else_=counted).label("appearance")


def _counts(recipient: Recipient, version: TextVersion) -> dict[str, int]:
    rows = _eligible(recipient, version).subquery()
    query = select(rows.c.appearance, func.count()).group_by(rows.c.appearance)
    return dict(db.session.execute(query).all())


def _enter_signatures(bundle: Bundle, recipient: Recipient, version: TextVersion) -> None:
    rows = _eligible(recipient, version).subquery()
    line = func.row_number().over(order_by=(rows.c.country, rows.c.order_number, rows.c.id))
    listed = select(literal(bundle.id), rows.c.id, rows.c.appearance, line)
    counted = select(literal(bundle.id), rows.c.id, rows.c.appearance)
    columns = ["bundle_id", "signature_id", "appearance"]
    for names, chosen in (
        ([*columns, "line"], listed.where(rows.c.appearance.in_(_LISTED))),
        (columns, counted.where(rows.c.appearance == Appearance.COUNTED)),
    ):
        db.session.execute(insert(BundleSignature).from_select(names, chosen))


def _next_number(petition_id: int) -> int:
    newest = select(func.max(Bundle.number)).where(Bundle.petition_id == petition_id)
    return (db.session.execute(newest).scalar_one_or_none() or 0) + 1


def _embassies(addressee: Addressee) -> list[Recipient]:
    query = select(Official).where(Official.represents == addressee.embassies_of)
    officials: Sequence[Official] = (
        db.session.execute(query.order_by(Official.slug)).scalars().all()
    )
    return [Recipient(addressee, official, _accredited_to(official)) for official in officials]


def _accredited_to(official: Official) -> tuple[str, ...]:
    query = select(Accreditation.country).where(Accreditation.official_id == official.id)
    return tuple(db.session.execute(query.order_by(Accreditation.country)).scalars())
