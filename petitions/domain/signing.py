"""Signing and confirming: the path from a form to a signature that counts."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text, update

from petitions.domain import outbox
from petitions.domain.budgets import upsert
from petitions.domain.case_keys import secrets_of
from petitions.domain.expiry import CONFIRM_WITHIN, expire
from petitions.domain.names import (
    NOT_SAID,
    clean_initials,
    clean_name,
    clean_place,
    suggested_initials,
)
from petitions.domain.sealing import address_context, person_context
from petitions.domain.site import Site
from petitions.errors import NotFound, PetitionClosed, ShowsMore, TokenExpired
from petitions.extensions import db
from petitions.models import (
    ACTIVE,
    ACTIVE_SQL,
    Appearance,
    ConsentVersion,
    MailKind,
    Petition,
    PetitionState,
    Signature,
    SignatureState,
    TextVersion,
)
from petitions.vault import Person, canonical_address, keyed_hash, padded

_TRIES = 5
_CONFIRMABLE = frozenset({PetitionState.OPEN, PetitionState.PAUSED, PetitionState.CLOSED})


@dataclass(frozen=True, slots=True)
class SigningForm:
    """What a signer sent, of checked shape, with the versions of text and consent that they saw."""

    name: str = field(repr=False)
    initials: str = field(repr=False)
    email: str = field(repr=False)
    place: str = field(repr=False)
    country: str
    appearance: Appearance
    news: bool
    language: str
    text_number: int
    consent_number: int


def sign(site: Site, petition: Petition, form: SigningForm, now: datetime) -> None:
    """Take a signature, and queue the mail that asks for its confirmation.

    An address that has a signature on this petition, pending or confirmed, changes nothing of it
    and stores nothing of what was typed. Nothing returned, written or raised tells which it was.
    Raises PetitionClosed, NotFound (a version that never was), NameRefused, KeyMissing.
    """
    if not petition.takes_signatures(now):
        raise PetitionClosed(f"petition {petition.id} takes no signatures")
    lookup_key = secrets_of(petition.case_id, site.keyring).lookup_key
    lookup = keyed_hash(lookup_key, str(petition.id), canonical_address(form.email))
    row = _sealed_row(site, petition, form, lookup, now)
    signature_id = _entered(row, petition.id, lookup, now)
    outbox.enqueue(
        site,
        MailKind.SIGNING,
        address=form.email,
        petition_id=petition.id,
        signature_id=signature_id,
        language=form.language,
        now=now,
    )


def confirm(
    petition: Petition,
    signature_id: int,
    now: datetime,
    *,
    appearance: Appearance | None = None,
    no_news: bool = False,
) -> Signature:
    """Confirm a pending signature, showing officials less if the signer now wishes so.

    The address is wiped unless news was asked for. Repeating it gives the same answer. Raises
    PetitionClosed (stopped or archived), TokenExpired (withdrawn, deleted, or older than a week),
    ShowsMore.
    """
    signature = pending_or_confirmed(petition, signature_id, now, lock=True)
    if signature.state is not SignatureState.PENDING:
        # Whoever was caught before confirming is answered alike, then and later.
        signature.confirmed_at = signature.confirmed_at or now
        db.session.flush()
        return signature
    if petition.state not in _CONFIRMABLE:
        raise PetitionClosed(f"petition {petition.id} takes no confirmations")
    chosen = appearance or signature.appearance
    news = signature.news and not no_news
    if not chosen.shows_no_more_than(signature.appearance):
        raise ShowsMore("a confirmation cannot show more than was signed for")
    confirmed = (
        update(Signature)
        .where(Signature.id == signature_id, Signature.state == SignatureState.PENDING)
        .values(
            state=SignatureState.CONFIRMED,
            confirmed_at=now,
            appearance=chosen,
            news=news,
            address_sealed=Signature.address_sealed if news else None,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(confirmed)  # where another tab was faster this changes no row
    db.session.refresh(signature)
    return signature


def pending_or_confirmed(
    petition: Petition, signature_id: int, now: datetime, *, lock: bool = False
) -> Signature:
    """Return the signature that a confirmation link is about. Raises TokenExpired.

    Signatures set aside are answered like any other: whoever was caught sees nothing unusual.
    """
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=lock or None
    )
    if signature is None or signature.petition_id != petition.id or signature.state not in ACTIVE:
        raise TokenExpired([signature_id, petition.id])
    pending = signature.state is SignatureState.PENDING
    if pending and now - signature.created_at > CONFIRM_WITHIN:
        raise TokenExpired([signature_id, petition.id])
    return signature


def _sealed_row(
    site: Site, petition: Petition, form: SigningForm, lookup: bytes, now: datetime
) -> dict[str, object]:
    name = clean_name(form.name)
    initials = clean_initials(form.initials, name) or suggested_initials(name) or NOT_SAID
    person = Person.of(name, initials, clean_place(form.place))
    key_id, key = site.sealer.data_key(petition.case_id, now)
    order = secrets.randbits(63)
    return {
        "petition_id": petition.id,
        "state": SignatureState.PENDING,
        "appearance": form.appearance,
        "country": form.country,
        "order_number": order,
        "language": form.language,
        "text_version_id": _version(TextVersion, petition.id, form.text_number),
        "consent_version_id": _version(ConsentVersion, petition.id, form.consent_number),
        "late": petition.is_past(now),
        "news": form.news,
        "verified_by": "e-mail",
        "lookup": lookup,
        "data_key_id": key_id,
        "person_sealed": key.seal(person.encode(), person_context(petition.id, order)),
        "address_sealed": key.seal(
            padded(form.email.encode()), address_context(petition.id, order)
        ),
        "created_at": now,
    }


def _entered(row: dict[str, object], petition_id: int, lookup: bytes, now: datetime) -> int:
    """Insert the row unless the address holds one; return the id of the one it holds then."""
    statement = upsert(Signature).values(row)
    statement = statement.on_conflict_do_nothing(
        index_elements=["petition_id", "lookup"],
        index_where=text(ACTIVE_SQL),  # bound parameters would not match the partial index
    )
    query = select(Signature.id, Signature.state, Signature.created_at).where(
        Signature.petition_id == petition_id,
        Signature.lookup == lookup,
        Signature.state.in_(ACTIVE),
    )
    for _ in range(_TRIES):
        db.session.execute(statement)
        found = db.session.execute(query).one_or_none()
        if found is None:
            continue  # withdrawn between the two statements: the address is free again
        waited = now - found.created_at
        if found.state is SignatureState.PENDING and waited > CONFIRM_WITHIN:
            expire([found.id], now)
            continue
        return int(found.id)
    raise RuntimeError("a signature comes and goes faster than it can be entered")


def _version(table: type[TextVersion] | type[ConsentVersion], petition: int, number: int) -> int:
    query = select(table.id).where(table.petition_id == petition, table.number == number)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("a version of the text that never was")
    return found
