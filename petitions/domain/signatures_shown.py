"""Signatures as a reviewer sees them: page by page, and one by one.

Names are opened with the case's key, and no address ever is.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select

from petitions.domain import audit
from petitions.domain.mixed_scripts import mixes_scripts
from petitions.domain.privacy import bundles_with, holds_anything, subject_of
from petitions.domain.sealing import Opener, opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing, NotFound
from petitions.extensions import db
from petitions.models import (
    AuditEntry,
    Bundle,
    BundleSignature,
    Mail,
    Petition,
    Signature,
    SignatureState,
    Verification,
)
from petitions.vault import Person

PAGE = 50


class Shelf(enum.StrEnum):
    """The lists that signatures are looked at in; attested ones are apart from confirmed ones."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    ATTESTED = "attested"
    SET_ASIDE = "set-aside"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Line:
    """A signature with its signer. `person` is None where it was wiped, or does not open here."""

    signature: Signature
    in_bundle: bool
    person: Person | None = field(repr=False)

    @property
    def mixes_scripts(self) -> bool:
        """Whether a word of the name mixes scripts; found out when it is looked at, not stored."""
        return self.person is not None and mixes_scripts(self.person.name)

    @property
    def is_wiped(self) -> bool:
        """Whether nothing of the person is kept."""
        return not self.signature.holds_person


@dataclass(frozen=True, slots=True)
class Page:
    """Some signatures, newest first, and the ids from which newer and older ones go on."""

    lines: list[Line]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one signature. Reasons stand beside the entries they were given for."""

    line: Line
    petition: Petition
    bundles: list[Bundle]
    mails: list[Mail]
    history: list[AuditEntry]
    reasons: dict[int, str] = field(repr=False)
    wiped: frozenset[int]
    """Entries whose reason was given and has been wiped since."""
    holds_anything: bool
    """Whether there is anything to erase."""


def page_of(
    site: Site,
    petition: Petition,
    shelf: Shelf,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """Return the 50 newest signatures of a shelf, or the 50 older or newer than an id."""
    query = select(Signature).where(Signature.petition_id == petition.id, *_on(shelf))
    if after is not None:
        upward = query.where(Signature.id > after).order_by(Signature.id).limit(PAGE + 1)
        found = list(db.session.execute(upward).scalars())
        more_above, more_below = len(found) > PAGE, True
        found = found[:PAGE][::-1]
    else:
        if before is not None:
            query = query.where(Signature.id < before)
        downward = query.order_by(Signature.id.desc()).limit(PAGE + 1)
        found = list(db.session.execute(downward).scalars())
        more_above, more_below = before is not None, len(found) > PAGE
        found = found[:PAGE]
    return Page(
        lines=lines_of(site, petition, found),
        newer=found[0].id if found and more_above else None,
        older=found[-1].id if found and more_below else None,
    )


def signatures_with_ids(petition: Petition, ids: Iterable[int]) -> list[Signature]:
    """Return those of the ids that are signatures of the petition, in the order of their ids."""
    query = select(Signature).where(
        Signature.petition_id == petition.id, Signature.id.in_(list(ids))
    )
    return list(db.session.execute(query.order_by(Signature.id)).scalars())


def dossier(site: Site, signature_id: int) -> Dossier:
    """Return what is known of a signature, with its mails and its history. Raises NotFound."""
    signature = db.session.get(Signature, signature_id)
    if signature is None:
        raise NotFound("no such signature")
    petition = db.session.get_one(Petition, signature.petition_id)
    entries = select(AuditEntry).where(AuditEntry.subject == subject_of(signature_id))
    history = list(db.session.execute(entries.order_by(AuditEntry.id.desc())).scalars())
    return Dossier(
        line=lines_of(site, petition, [signature])[0],
        petition=petition,
        bundles=bundles_with(signature_id),
        mails=mails_about(signature_id),
        history=history,
        reasons={entry.id: _reason(site, entry) for entry in history},
        wiped=frozenset(entry.id for entry in history if audit.was_wiped(entry)),
        holds_anything=holds_anything(signature),
    )


def mails_about(signature_id: int) -> list[Mail]:
    """Return the mails about a signature, newest first."""
    query = select(Mail).where(Mail.signature_id == signature_id)
    return list(db.session.execute(query.order_by(Mail.id.desc())).scalars())


def lines_of(site: Site, petition: Petition, found: Sequence[Signature]) -> list[Line]:
    """Return signatures with their signers, as far as this server opens them."""
    try:
        opener: Opener | None = opener_for(petition.case_id, site.keyring)
    except KeyMissing:
        opener = None
    held = select(BundleSignature.signature_id).where(
        BundleSignature.signature_id.in_([signature.id for signature in found])
    )
    bundled = set(db.session.execute(held).scalars())
    return [Line(row, row.id in bundled, _person(opener, row)) for row in found]


def _on(shelf: Shelf) -> list[ColumnElement[bool]]:
    confirmed = Signature.state == SignatureState.CONFIRMED
    match shelf:
        case Shelf.CONFIRMED:
            return [confirmed, Signature.verified_by == Verification.EMAIL]
        case Shelf.ATTESTED:
            return [confirmed, Signature.verified_by == Verification.ATTESTED]
        case Shelf.PENDING:
            return [Signature.state == SignatureState.PENDING]
        case Shelf.SET_ASIDE:
            return [Signature.state == SignatureState.SET_ASIDE]
        case Shelf.WITHDRAWN:
            return [Signature.state == SignatureState.WITHDRAWN]


def _person(opener: Opener | None, row: Signature) -> Person | None:
    if opener is None or row.data_key_id is None or not row.person_sealed:
        return None
    try:
        return opener.person(row.data_key_id, row.person_sealed, row.petition_id, row.order_number)
    except (CannotOpen, KeyMissing):  # one row that does not open hides no other
        return None


def _reason(site: Site, entry: AuditEntry) -> str:
    try:
        return audit.reason_of(entry, site.keyring)
    except CannotOpen:
        return ""
