"""Retention: what is deleted when its time is over, in parts that each end with a commit.

Signatures never confirmed, keys of past days, names after their term, and then the keys of their
case. Nothing is decided about anybody by hand here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, text

from petitions.domain import arrivals, bulk, destroying, editing, unsaved
from petitions.domain.bounces import forget_return_paths
from petitions.domain.budgets import forget_old_days
from petitions.domain.day_keys import day_key
from petitions.domain.expiry import expire, unconfirmed
from petitions.domain.outbox import cancel_reminders_of_sealed_cases
from petitions.domain.site import Site
from petitions.domain.terms import CONFIRM_WITHIN
from petitions.extensions import db
from petitions.models import Petition, Signature, SignatureState

_AHEAD = timedelta(hours=2)
"""How long before midnight the next day's key is made, so that no request has to."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be deleted now: `what` it is, of which petition or case, and how many rows."""

    what: str
    subject: str
    number: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one part deleted."""

    unconfirmed: int = 0
    days: int = 0
    arrivals: int = 0
    petitions: int = 0
    names: int = 0
    keys: int = 0
    more: bool = False
    """Whether there is more to do at once."""

    def __bool__(self) -> bool:
        told = (self.unconfirmed, self.days, self.arrivals, self.petitions, self.names, self.keys)
        return any(told)


def due(site: Site, now: datetime) -> list[Due]:
    """Return what `delete_part` would delete, were it taken until nothing is left. Only reads.

    A case is told of where all its petitions are among them, or were before.
    """
    found = [
        Due("unconfirmed", f"petition {petition_id}", number)
        for petition_id, number in db.session.execute(
            select(Signature.petition_id, func.count())
            .where(unconfirmed(), Signature.created_at < now - site.terms.unconfirmed)
            .group_by(Signature.petition_id)
            .order_by(Signature.petition_id)
        )
    ]
    found += [
        Due("names", f"petition {petition.id}", destroying.names_left(petition.id))
        for petition in destroying.petitions_due(site, now)
    ]
    found += [Due("keys", f"case {case_id}", 1) for case_id in destroying.cases_soon(site, now)]
    return found


def delete_part(site: Site, now: datetime, *, actor: str, most: int = 500) -> Deleted:
    """Delete at most `most` rows of what is over. The caller commits, then clears the key ring,
    and goes on while there is more.
    """
    expired = expire_unconfirmed(now, most, site.terms.unconfirmed)
    days = forget_old_days(now)
    cancel_reminders_of_sealed_cases(now)
    forget_return_paths(now)
    arrived = arrivals.forget_old(now, most)
    bulk.forget_origins(now)
    editing.forget_closed(now)
    unsaved.forget_old(now)
    if (now + _AHEAD).date() != now.date():
        day_key(site.keyring, now + _AHEAD)
    begun = [
        petition.id
        for petition in destroying.petitions_due(site, now)
        if destroying.begin(site, petition.id, now, actor=actor)
    ]
    names = destroying.destroy_names(now, most)
    keys = [] if names == most else destroying.cases_due()
    for key in keys:
        destroying.destroy_keys(key, now, actor=actor)
    return Deleted(
        unconfirmed=expired,
        days=days,
        arrivals=arrived,
        petitions=len(begun),
        names=names,
        keys=len(keys),
        more=most in (expired, arrived, names),
    )


def expire_unconfirmed(now: datetime, most: int = 500, term: timedelta = CONFIRM_WITHIN) -> int:
    """Delete signatures that were not confirmed within their term; return how many.

    They are counted by petition and day, and mails about them are cancelled. At most `most` go at
    once, so that nobody who signs waits long: the caller commits, and repeats while any went.
    """
    ids = _unconfirmed(now - term, most)
    return expire(ids, now) if ids else 0


def _unconfirmed(before: datetime, most: int) -> list[int]:
    pending = [Signature.state == SignatureState.PENDING]
    found = _created(pending, before, most)
    if len(found) < most:
        # By way of the petitions, whose index knows the state: no walk over all signatures.
        caught = [
            Signature.petition_id.in_(select(Petition.id)),
            Signature.state == SignatureState.SET_ASIDE,
            Signature.confirmed_at.is_(None),
        ]
        found += _created(caught, before, most - len(found))
    return found


def _created(which: list[ColumnElement[bool]], before: datetime, most: int) -> list[int]:
    query = (
        select(Signature.id)
        .where(*which, Signature.created_at < before)
        .order_by(Signature.created_at)
        .limit(most)
    )
    if db.engine.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)  # two workers share the work
    return list(db.session.execute(query).scalars())


def forget_written_pages() -> None:
    """Empty SQLite's write-ahead log: what was wiped in a table is still in its old pages.

    Call outside of a transaction. Readers or writers at work only put it off to the next call. On
    PostgreSQL old row versions go with its own vacuum.
    """
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # A reader that takes minutes (a bundle being written) must not hold up those who write.
            connection.execute(text("PRAGMA busy_timeout = 0"))
            try:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            finally:
                connection.execute(text("PRAGMA busy_timeout = 5000"))
