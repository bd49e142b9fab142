"""Signing and confirming: the path from a form to a signature that counts."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Insert,
    Select,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from petitions.domain import arrivals, kept_addresses, outbox
from petitions.domain.arrivals import Origin
from petitions.domain.case_keys import lookup_key_and_mode
from petitions.domain.day_keys import insert_of
from petitions.domain.expiry import expire, waited_too_long
from petitions.domain.names import (
    NOT_SAID,
    clean_initials,
    clean_name,
    clean_place,
    suggested_initials,
)
from petitions.domain.prepared import Prepared, binds_of, table_of
from petitions.domain.sealing import address_context, person_context
from petitions.domain.site import Site
from petitions.domain.standing import Standing, standing_of
from petitions.domain.terms import CONFIRM_WITHIN
from petitions.errors import CountryClosed, NotFound, PetitionClosed, ShowsMore, TokenExpired
from petitions.extensions import db
from petitions.models import (
    ACTIVE,
    ACTIVE_SQL,
    Appearance,
    Case,
    MailKind,
    Petition,
    PetitionState,
    Signature,
    SignatureState,
    Verification,
)
from petitions.vault import Person, canonical_address, keyed_hash, padded

CONFIRMED = "the signature is confirmed"
"""Why there is no reminder."""
_TRIES = 5
UNKNOWN = Origin()
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
    mail_language: str = ""
    """The language of the page around the form; the text's own where the site does not speak it."""


def sign(
    site: Site,
    petition: Petition | Standing,
    form: SigningForm,
    now: datetime,
    origin: Origin = UNKNOWN,
) -> None:
    """Take a signature, and queue the mail that asks for its confirmation.

    An address that has a signature on this petition, pending or confirmed, changes nothing of it
    and stores nothing of what was typed. Nothing returned, written or raised tells which it was,
    nor whether a rule caught it: that one is set aside with the same rows and the same mail.
    Raises PetitionClosed, CountryClosed, NotFound (a version that never was), NameRefused,
    KeyMissing.
    """
    standing = petition if isinstance(petition, Standing) else standing_for(petition, form)
    refuse_closed(standing, form, now)
    lookup_key, sealed = lookup_key_and_mode(standing.case_id, standing.key, site.keyring)
    lookup = keyed_hash(lookup_key, str(petition.id), canonical_address(form.email))
    verdict = site.rules.verdict(form.email, origin.address, now)
    row = sealed_row(site, standing, form, lookup, now)
    address = set_row_aside(row, verdict.caught, now) if verdict.caught else None
    signature_id, is_new = _entered(row, petition.id, lookup, now)
    if address is not None:
        kept_addresses.keep_one(signature_id, row["order_number"], address)
    arrivals.note(site, signature_id, row["order_number"], email=form.email, origin=origin, now=now)
    slow = origin.wait and not verdict.allowed
    outbox.enqueue(
        site,
        MailKind.SIGNING,
        address=form.email,
        petition_id=petition.id,
        signature_id=signature_id,
        language=form.mail_language or form.language,
        now=now,
        reminds=None if sealed else is_new,
        slow_until=now + origin.wait if slow else None,
    )


def standing_for(petition: Petition, form: SigningForm) -> Standing:
    """Return how a petition stands for a form. Raises NotFound, CaseHidden."""
    return standing_of(petition.slug, form.country, form.text_number, form.consent_number)


def refuse_closed(standing: Standing, form: SigningForm, now: datetime) -> None:
    """Raise PetitionClosed or CountryClosed where a form cannot be taken."""
    if not standing.takes_signatures(now):
        raise PetitionClosed(f"petition {standing.id} takes no signatures")
    if standing.closed:
        raise CountryClosed(f"petition {standing.id} takes no signatures from {form.country}")


def confirm(
    petition: Petition,
    signature_id: int,
    now: datetime,
    *,
    appearance: Appearance | None = None,
    no_news: bool = False,
) -> Signature:
    """Confirm a pending signature, showing officials less if the signer now wishes so.

    The address is wiped unless news was asked for. One that an organiser attested meanwhile counts
    as confirmed by e-mail from then on. Repeating it gives the same answer. Raises PetitionClosed
    (stopped or archived), TokenExpired (withdrawn, deleted, or older than a week), ShowsMore.
    """
    signature = pending_or_confirmed(petition, signature_id, now, lock=True)
    if petition.state not in _CONFIRMABLE:
        if signature.confirmed_at is None:
            raise PetitionClosed(f"petition {petition.id} takes no confirmations")
        return signature
    if not awaits_its_signer(signature):
        _confirm_caught(signature, now, no_news=no_news)
        return signature
    chosen = appearance or signature.appearance
    news = signature.news and not no_news
    if not chosen.shows_no_more_than(signature.appearance):
        raise ShowsMore("a confirmation cannot show more than was signed for")
    confirmed = (
        update(Signature)
        .where(Signature.id == signature_id, Signature.state == signature.state)
        .values(
            state=SignatureState.CONFIRMED,
            confirmed_at=now,
            verified_by=Verification.EMAIL,
            attested_by=None,
            appearance=chosen,
            news=news,
            address_sealed=Signature.address_sealed if news else None,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(confirmed)  # where another tab was faster this changes no row
    outbox.cancel_reminders([signature_id], CONFIRMED, now)
    db.session.refresh(signature)
    return signature


def confirm_at_once(
    signature_id: int, now: datetime, *, appearance: Appearance | None, no_news: bool
) -> str | None:
    """Confirm a signature that waits for nothing else; return its petition's slug.

    One conditional statement, as nearly all take it: the signature is pending and young enough, the
    case is not hidden, the petition takes confirmations, and nothing more is to be shown. In any
    other case nothing is changed and None returned: `confirm` then says why.
    """
    confirmed = _AT_ONCE[appearance].row(
        id=signature_id, now=now, oldest=now - CONFIRM_WITHIN, no_news=no_news
    )
    if confirmed is None:
        return None
    outbox.cancel_reminder(signature_id, CONFIRMED, now)
    return str(confirmed[0])


def _at_once(_dialect: str, appearance: Appearance | None) -> ReturningUpdate[Any]:
    row = table_of(Signature).c
    keeps = row.news & ~bindparam("no_news", type_=Boolean)
    standing = (
        select(Petition.id)
        .join(Case, Case.id == Petition.case_id)
        .where(Petition.id == row.petition_id, Case.hidden_at.is_(None))
        .where(Petition.state.in_([literal_column(f"'{state.value}'") for state in _CONFIRMABLE]))
    )
    slug = select(Petition.slug).where(Petition.id == row.petition_id).scalar_subquery()
    values: dict[str, Any] = {
        "state": SignatureState.CONFIRMED,
        "confirmed_at": bindparam("now"),
        "news": keeps,
        "address_sealed": case((keeps, row.address_sealed)),
    }
    statement = update(table_of(Signature)).where(
        row.id == bindparam("id"),
        row.state == SignatureState.PENDING,
        row.created_at >= bindparam("oldest"),
        standing.exists(),
    )
    if appearance is not None:
        values["appearance"] = appearance
        more = [one for one in Appearance if appearance.shows_no_more_than(one)]
        statement = statement.where(or_(*(row.appearance == one for one in more)))
    return statement.values(values).returning(slug)


_AT_ONCE = {
    chosen: Prepared(partial(_at_once, appearance=chosen)) for chosen in (None, *Appearance)
}


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
    if waited_too_long(signature, now):
        raise TokenExpired([signature_id, petition.id])
    return signature


def awaits_its_signer(signature: Signature) -> bool:
    """Whether its signer has not confirmed it: it is pending, or attested by an organiser."""
    attested = signature.verified_by is Verification.ATTESTED
    return signature.state is SignatureState.PENDING or (
        signature.state is SignatureState.CONFIRMED and attested
    )


def _confirm_caught(signature: Signature, now: datetime, *, no_news: bool) -> None:
    """Note that somebody set aside has confirmed: they are answered alike, then and later."""
    if signature.confirmed_at is not None:
        return
    signature.confirmed_at = now
    outbox.cancel_reminders([signature.id], CONFIRMED, now)
    signature.news = signature.news and not no_news
    if not signature.news:
        signature.address_sealed = None
    kept_addresses.forget([signature.id])
    db.session.flush()


def set_row_aside(row: dict[str, Any], rule: str, now: datetime) -> bytes | None:
    """Make a row one that is set aside; return the address that is to be kept beside it."""
    row.update(state=SignatureState.SET_ASIDE, set_aside_reason=rule, set_aside_at=now)
    if row["news"]:
        return None
    address: bytes = row["address_sealed"]
    row["address_sealed"] = None
    return address


def sealed_row(
    site: Site, petition: Standing, form: SigningForm, lookup: bytes, now: datetime
) -> dict[str, Any]:
    """Return a pending signature's row, sealed. Raises NotFound, NameRefused, KeyMissing."""
    if petition.text_id is None or petition.consent_id is None:
        raise NotFound("a version of the text that never was")
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
        "text_version_id": petition.text_id,
        "consent_version_id": petition.consent_id,
        "late": petition.is_past(now),
        "news": form.news,
        "verified_by": Verification.EMAIL,
        "lookup": lookup,
        "data_key_id": key_id,
        "person_sealed": key.seal(person.encode(), person_context(petition.id, order)),
        "address_sealed": key.seal(
            padded(form.email.encode()), address_context(petition.id, order)
        ),
        "created_at": now,
        "confirmed_at": None,
        "withdrawn_at": None,
        "news_ended_at": None,
        "set_aside_reason": None,
        "set_aside_at": None,
        "shares_mailbox": False,
        "attested_by": None,
    }


def _entered(
    row: dict[str, Any], petition_id: int, lookup: bytes, now: datetime
) -> tuple[int, bool]:
    """Insert the row unless the address holds one.

    Returns the id of the one it holds then, and whether it is this one.
    """
    for _ in range(_TRIES):
        found = _entered_or_held(row, petition_id, lookup, now - CONFIRM_WITHIN)
        if found is None:
            continue  # withdrawn between the two statements: the address is free again
        signature_id, order_number, waited_too_long = found
        if waited_too_long:
            expire([signature_id], now)
            continue
        return int(signature_id), order_number == row["order_number"]
    raise RuntimeError("a signature comes and goes faster than it can be entered")


def _entered_or_held(row: dict[str, Any], petition_id: int, lookup: bytes, oldest: datetime) -> Any:
    """Return id and order number of the row that an address holds now, and whether it is too old.

    One statement for PostgreSQL, which is asked over a network; two for SQLite, which knows no
    INSERT within a query and is asked in no time.
    """
    held = {"petition_id": petition_id, "lookup": lookup, "oldest": oldest}
    new = {f"{name}_new": value for name, value in row.items()}
    if db.engine.dialect.name == "postgresql":
        return _ENTER_OR_HELD.row(**new, **held)
    _ENTER.run(**new)
    return _HELD.row(**held)


def _enter_or_held(dialect: str) -> CompoundSelect[Any]:
    entered = _enter(dialect).returning(Signature.id, Signature.order_number).cte("entered")
    new = select(entered.c.id, entered.c.order_number, literal_column("false"))
    return union_all(new, _held(dialect))


def _enter(dialect: str) -> Insert:
    statement = insert_of(dialect, Signature).values(binds_of(Signature, "_new"))
    return statement.on_conflict_do_nothing(
        index_elements=["petition_id", "lookup"],
        index_where=text(ACTIVE_SQL),  # bound parameters would not match the partial index
    ).inline()


def _held(_dialect: str) -> Select[int, int, bool]:
    late = Signature.confirmed_at.is_(None) & (Signature.created_at < bindparam("oldest"))
    return select(Signature.id, Signature.order_number, late).where(
        Signature.petition_id == bindparam("petition_id"),
        Signature.lookup == bindparam("lookup"),
        text(ACTIVE_SQL),
    )


_ENTER, _HELD = Prepared(_enter), Prepared(_held)
_ENTER_OR_HELD = Prepared(_enter_or_held)
