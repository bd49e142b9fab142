"""Mail budgets: how often one address may be written to, decided in the signature's transaction.

The counters hold an HMAC of the address under a random key of the day; keys and counters of a day
are deleted after 48 hours. A mail over the gap waits; a mail over the number is withheld, and an
organiser can see that.
"""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Insert, case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from petitions.errors import KeyMissing
from petitions.extensions import Model, db
from petitions.models import DayKey, MailBudget
from petitions.vault import KeyRing, keyed_hash, open_with, seal_with

KEPT_FOR = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Budgets:
    """Numbers for one address and UTC day; `gap` in seconds between two mails on one petition."""

    per_petition_and_day: int = 2
    per_day: int = 3
    gap: int = 600


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a mail may go, and from when on."""

    allowed: bool
    not_before: datetime


def spend(
    budgets: Budgets, keyring: KeyRing, address: str, petition_id: int | None, now: datetime
) -> Allowance:
    """Count one mail to a canonical address, and say whether and when it may go.

    Mails of all kinds count alike; `petition_id` None is what concerns no petition.
    """
    day_key_id, key = _day_key(keyring, now)
    scope = "all" if petition_id is None else str(petition_id)
    earliest = max(int(now.timestamp()), _gap_from_yesterday(keyring, address, scope, budgets, now))
    pair, next_at = _count(day_key_id, keyed_hash(key, address, scope), budgets.gap, earliest)
    # What the petition's number withholds does not use up the day: a stranger's repeated forms
    # must not keep a signer from the link to their own signature. The statement is always run.
    one = int(pair <= budgets.per_petition_and_day)
    every, _ = _count(day_key_id, keyed_hash(key, address), 0, earliest, step=one)
    allowed = bool(one) and every <= budgets.per_day
    return Allowance(allowed, datetime.fromtimestamp(next_at - budgets.gap, UTC))


def forget_old_days(now: datetime) -> int:
    """Delete keys and counters older than 48 hours; return how many days went."""
    oldest = (now - KEPT_FOR).date()
    db.session.execute(
        delete(MailBudget).where(
            MailBudget.day_key_id.in_(select(DayKey.id).where(DayKey.day < oldest))
        )
    )
    gone = db.session.execute(delete(DayKey).where(DayKey.day < oldest).returning(DayKey.id))
    return len(gone.all())


def upsert(table: type[Model]) -> "sqlite.Insert | postgresql.Insert":
    """Return the INSERT of the database in use, which knows ON CONFLICT."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _count(day_key_id: int, key: bytes, gap: int, moment: int, *, step: int = 1) -> tuple[int, int]:
    """Count one more, and return the number asked for today and the end of its gap (seconds)."""
    row = {"day_key_id": day_key_id, "key": key, "requested": step, "next_at": moment + gap}
    starts = case((MailBudget.next_at > moment, MailBudget.next_at), else_=literal(moment))
    statement: Insert = (
        upsert(MailBudget)
        .values(row)
        .on_conflict_do_update(
            index_elements=["day_key_id", "key"],
            set_={"requested": MailBudget.requested + step, "next_at": starts + gap},
        )
        .returning(MailBudget.requested, MailBudget.next_at)
    )
    requested, next_at = db.session.execute(statement).one()
    return requested, next_at


def _gap_from_yesterday(
    keyring: KeyRing, address: str, scope: str, budgets: Budgets, now: datetime
) -> int:
    """Return when the gap ends that a mail late yesterday began (seconds; 0 where none did)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if (now - midnight).total_seconds() > budgets.gap * budgets.per_petition_and_day:
        return 0
    found = _kept_day_key(keyring, (midnight - timedelta(days=1)).date())
    if found is None:
        return 0
    query = select(MailBudget.next_at).where(
        MailBudget.day_key_id == found[0], MailBudget.key == keyed_hash(found[1], address, scope)
    )
    return db.session.execute(query).scalar_one_or_none() or 0


def _day_key(keyring: KeyRing, now: datetime) -> tuple[int, bytes]:
    """Return id and key of today; make the key where this is the day's first mail."""
    today = now.astimezone(UTC).date()
    found = _kept_day_key(keyring, today)
    if found is None:
        sealed = seal_with(keyring.derived("day keys"), os.urandom(32), _context(today))
        statement = upsert(DayKey).values(day=today, wrapped_key=sealed)
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["day"]))
        found = _kept_day_key(keyring, today)
    if found is None:
        raise KeyMissing("the key of today could not be stored")
    return found


def _kept_day_key(keyring: KeyRing, day: date) -> tuple[int, bytes] | None:
    query = select(DayKey.id, DayKey.wrapped_key).where(DayKey.day == day)
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    return found.id, open_with(keyring.derived("day keys"), found.wrapped_key, _context(day))


def _context(day: date) -> bytes:
    return f"day key {day.isoformat()}".encode()
