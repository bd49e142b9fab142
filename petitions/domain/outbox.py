"""The outbox: mails queued in the transaction of what they are about; claimed, marked, retried.

The address is sealed under the server's mail key and wiped the moment a mail is final. Whatever a
form was about, the same rows are written for every address: the difference travels by mail only.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Select, insert, or_, select, update

from petitions.domain.budgets import spend
from petitions.domain.site import Site
from petitions.errors import CannotOpen
from petitions.extensions import db
from petitions.models import Mail, MailKind, MailState, Suppression
from petitions.vault import canonical_address, keyed_hash, open_with, padded, seal_with

LEASE = timedelta(seconds=15)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
"""Growing pauses between attempts; after the last a mail has failed."""


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this worker may send now; its address is empty where it did not open."""

    id: int
    kind: MailKind
    petition_id: int | None
    signature_id: int | None
    language: str
    message_id: str
    created_at: datetime
    attempts: int
    address: str = field(repr=False)


def enqueue(
    site: Site,
    kind: MailKind,
    *,
    address: str,
    petition_id: int | None,
    signature_id: int | None,
    language: str,
    now: datetime,
) -> None:
    """Queue one mail, within its budgets; over them, or suppressed, it is withheld with a word."""
    canonical = canonical_address(address)
    allowance = spend(site.budgets, site.keyring, canonical, petition_id, now)
    reason = "suppressed" if is_suppressed(site, canonical) else "over budget"
    waits = allowance.allowed and reason != "suppressed"
    message_id = _new_message_id(site)
    row = {
        "kind": kind,
        "state": MailState.WAITING if waits else MailState.WITHHELD,
        "petition_id": petition_id,
        "signature_id": signature_id,
        "language": language,
        "address_sealed": _seal_address(site, address, message_id),
        "message_id": message_id,
        "created_at": now,
        "not_before": max(allowance.not_before, now),
        "attempts": 0,
        "outcome": None if waits else reason,
        "final_at": None if waits else now,
    }
    if not waits:
        row["address_sealed"] = None
    db.session.execute(insert(Mail).values(row))


def suppression_key(site: Site, address: str) -> bytes:
    """Return the site-wide keyed hash of an address, for suppressions alone."""
    return keyed_hash(site.keyring.derived("suppressions"), canonical_address(address))


def is_suppressed(site: Site, address: str) -> bool:
    """Whether this address asked not to be written to."""
    query = select(Suppression.key).where(Suppression.key == suppression_key(site, address))
    return db.session.execute(query).first() is not None


def claim(site: Site, worker: str, now: datetime, most: int = 20) -> list[ClaimedMail]:
    """Claim mails that are due, for the length of a lease. The caller commits before sending."""
    due = _due(now).limit(most)
    if db.engine.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = list(db.session.execute(due).scalars())
    if not ids:
        return []
    claimed = (
        update(Mail)
        .where(Mail.id.in_(ids), Mail.state == MailState.WAITING)
        .where(or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now))
        .values(claimed_by=worker, claimed_until=now + LEASE, attempts=Mail.attempts + 1)
        .returning(Mail)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return [_opened(site, mail) for mail in db.session.execute(claimed).scalars()]


def anything_due(now: datetime) -> bool:
    """Whether a mail could be claimed now. Only reads, so that idle workers never write."""
    return db.session.execute(_due(now).limit(1)).first() is not None


def renew(mail_ids: list[int], worker: str, now: datetime) -> set[int]:
    """Extend the lease on mails still to be sent; return those that are still held."""
    statement = _held(mail_ids, worker).values(claimed_until=now + LEASE).returning(Mail.id)
    return set(db.session.execute(statement).scalars())


def mark_sent(mail_ids: list[int], worker: str, now: datetime) -> None:
    """Mark mails as handed to the relay, and wipe their addresses."""
    _finish(mail_ids, worker, MailState.SENT, None, now)


def mark_final(mail_id: int, worker: str, state: MailState, outcome: str, now: datetime) -> None:
    """Mark a mail as failed, withheld or cancelled, with a word that names nobody."""
    _finish([mail_id], worker, state, outcome, now)


def retry_later(mail: ClaimedMail, worker: str, outcome: str, now: datetime) -> None:
    """Let a mail wait and be tried again; after the last pause it has failed."""
    if mail.attempts > len(PAUSES):
        mark_final(mail.id, worker, MailState.FAILED, outcome, now)
        return
    later = now + PAUSES[mail.attempts - 1]
    values = {"not_before": later, "claimed_by": None, "claimed_until": None, "outcome": outcome}
    db.session.execute(_held([mail.id], worker).values(values))


def give_back(mail_ids: list[int], worker: str) -> None:
    """Return mails that were claimed and not tried, as when the worker stops."""
    values = {"claimed_by": None, "claimed_until": None, "attempts": Mail.attempts - 1}
    db.session.execute(_held(mail_ids, worker).values(values))


def _due(now: datetime) -> Select[int]:
    return (
        select(Mail.id)
        .where(Mail.state == MailState.WAITING, Mail.not_before <= now)
        .where(or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now))
        .order_by(Mail.not_before, Mail.id)
    )


def _held(mail_ids: list[int], worker: str):  # type: ignore[no-untyped-def]  # sqlalchemy's Update
    return (
        update(Mail)
        .where(Mail.id.in_(mail_ids), Mail.claimed_by == worker, Mail.state == MailState.WAITING)
        .execution_options(synchronize_session=False)
    )


def _finish(
    mail_ids: list[int], worker: str, state: MailState, outcome: str | None, now: datetime
) -> None:
    values = {
        "state": state,
        "outcome": outcome,
        "final_at": now,
        "address_sealed": None,
        "claimed_by": None,
        "claimed_until": None,
    }
    db.session.execute(_held(mail_ids, worker).values(values))


def _new_message_id(site: Site) -> str:
    return f"<{os.urandom(16).hex()}@{urlsplit(site.base_url).hostname}>"


def _seal_address(site: Site, address: str, message_id: str) -> bytes:
    return seal_with(site.keyring.derived("mail"), padded(address.encode()), message_id.encode())


def _opened(site: Site, mail: Mail) -> ClaimedMail:
    return ClaimedMail(
        id=mail.id,
        kind=mail.kind,
        petition_id=mail.petition_id,
        signature_id=mail.signature_id,
        language=mail.language,
        message_id=mail.message_id,
        created_at=mail.created_at,
        attempts=mail.attempts,
        address=_address(site, mail),
    )


def _address(site: Site, mail: Mail) -> str:
    """Open a mail's address; empty where it does not open: one row never blocks the rest."""
    assert mail.address_sealed is not None  # noqa: S101  # ck_mail_address_only_while_waiting
    key = site.keyring.derived("mail")
    try:
        return open_with(key, mail.address_sealed, mail.message_id.encode()).decode().rstrip()
    except CannotOpen:
        return ""
