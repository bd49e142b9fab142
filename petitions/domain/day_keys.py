"""Random keys of the day, kept wrapped in the database and deleted 48 hours after their day.

What was hashed with one (mail budgets, pseudonyms of networks, mail domains of arrivals) can be
recomputed by nobody once it is deleted, whoever holds the server's other keys.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from petitions.domain.prepared import Prepared, table_of
from petitions.errors import CannotOpen, KeyMissing
from petitions.extensions import WRITE, Model, db
from petitions.models import DayKey
from petitions.vault import KeyRing, open_with, seal_with

_PAUSE = 5.0
"""Seconds after a failed look into the database in which no request tries again."""


@dataclass(frozen=True, slots=True)
class KeyOfDay:
    """The key of one day, and the id of its row."""

    id: int
    day: date
    key: bytes = field(repr=False)


class DayKeys:
    """The keys of today and yesterday as this process knows them: no query for each request.

    Where the database does not answer, a key that only this process knows stands in for a moment:
    limits then hold for each process apart, which is better than an error or none.
    """

    def __init__(self, keyring: KeyRing, clock: Callable[[], float] = time.monotonic) -> None:
        self._keyring = keyring
        self._clock = clock
        self._kept: dict[date, KeyOfDay] = {}
        self._standing_in: dict[date, bytes] = {}
        self._not_before = float("-inf")
        self._lock = Lock()

    def key(self, now: datetime) -> bytes:
        """Return the key of the day of `now`. Uses a connection of its own, once a day."""
        today = now.astimezone(UTC).date()
        found = self._kept.get(today)
        return found.key if found is not None else self._found(today)

    def here(self, now: datetime) -> KeyOfDay:
        """Return the key of the day of `now` inside of the transaction under way."""
        found = self._kept.get(now.astimezone(UTC).date())
        return found if found is not None else day_key(self._keyring, now)

    def _found(self, today: date) -> bytes:
        with self._lock:  # the others of this process wait for the one that looks
            if today in self._kept:
                return self._kept[today].key
            if self._clock() >= self._not_before:
                try:
                    found = _with_own_connection(self._keyring, today)
                except (SQLAlchemyError, CannotOpen, KeyMissing):
                    self._not_before = self._clock() + _PAUSE
                else:
                    before = today - timedelta(days=1)
                    kept = {day: one for day, one in self._kept.items() if day == before}
                    self._kept, self._standing_in = {**kept, today: found}, {}
                    return found.key
            if today not in self._standing_in:
                self._standing_in = {today: os.urandom(32)}
            return self._standing_in[today]


def day_key(keyring: KeyRing, now: datetime) -> KeyOfDay:
    """Return the key of today in the transaction under way; make it where it is the first."""
    today = now.astimezone(UTC).date()
    if row := _OF_DAY.row(day=today):
        return _opened(keyring, today, *row)
    return _kept_or_made(db.session.connection(), keyring, now.astimezone(UTC).date())


_OF_DAY = Prepared(
    lambda _: select(DayKey.id, DayKey.wrapped_key).where(DayKey.day == bindparam("day"))
)


def kept_day_key(keyring: KeyRing, day: date) -> KeyOfDay | None:
    """Return the key of a day, where there is one still."""
    return _kept(db.session.connection(), keyring, day)


def kept_day_keys(keyring: KeyRing) -> list[KeyOfDay]:
    """Return all keys that are kept, oldest first; one that does not open is left out."""
    days = db.session.execute(select(DayKey.day).order_by(DayKey.day)).scalars().all()
    found = []
    for day in days:
        try:
            key = kept_day_key(keyring, day)
        except CannotOpen:
            continue
        if key is not None:
            found.append(key)
    return found


def upsert(table: type[Model]) -> "sqlite.Insert | postgresql.Insert":
    """Return the INSERT of the database in use, which knows ON CONFLICT."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_of(dialect: str, table: type[Model]) -> "sqlite.Insert | postgresql.Insert":
    """Return the INSERT of a database that knows ON CONFLICT."""
    made = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return made(table_of(table))


def _with_own_connection(keyring: KeyRing, day: date) -> KeyOfDay:
    """Read the key, or make it. The request's own transaction is neither opened nor waited for."""
    with db.engine.connect() as reading:
        found = _kept(reading, keyring, day)
    if found is None:
        with db.engine.connect().execution_options(**WRITE) as writing, writing.begin():
            found = _kept_or_made(writing, keyring, day)
    return found


def _kept_or_made(connection: Connection, keyring: KeyRing, day: date) -> KeyOfDay:
    found = _kept(connection, keyring, day)
    if found is None:
        sealed = seal_with(keyring.derived("day keys"), os.urandom(32), _context(day))
        statement = upsert(DayKey).values(day=day, wrapped_key=sealed)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["day"]))
        found = _kept(connection, keyring, day)
    if found is None:
        raise KeyMissing("the key of today could not be stored")
    return found


def _kept(connection: Connection, keyring: KeyRing, day: date) -> KeyOfDay | None:
    query = select(DayKey.id, DayKey.wrapped_key).where(DayKey.day == day)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return _opened(keyring, day, row.id, row.wrapped_key)


def _opened(keyring: KeyRing, day: date, key_id: int, wrapped: bytes) -> KeyOfDay:
    return KeyOfDay(key_id, day, open_with(keyring.derived("day keys"), wrapped, _context(day)))


def _context(day: date) -> bytes:
    return f"day key {day.isoformat()}".encode()
