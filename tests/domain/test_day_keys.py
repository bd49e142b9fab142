"""The random key of the day: one for all processes, cheap to have, and never a reason to fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, event, select

from petitions.domain.day_keys import DayKeys, day_key
from petitions.domain.site import Site
from petitions.models import DayKey


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def statements(database: SQLAlchemy) -> Iterator[list[str]]:
    """What reaches the database, from now on."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield told
    event.remove(database.engine, "before_cursor_execute", note)


def test_two_processes_have_one_key_and_ask_once_a_day(
    site: Site, database: SQLAlchemy, statements: list[str], now: datetime
) -> None:
    one, two = DayKeys(site.keyring), DayKeys(site.keyring)
    assert one.key(now) == two.key(now)
    asked = len(statements)
    assert {one.key(now + timedelta(minutes=n)) for n in range(60)} == {two.key(now)}
    assert len(statements) == asked


def test_key_is_that_of_the_mail_budgets(site: Site, database: SQLAlchemy, now: datetime) -> None:
    key = DayKeys(site.keyring).key(now)
    assert day_key(site.keyring, now).key == key


def test_key_changes_at_midnight_and_cannot_be_made_again(site: Site, database: SQLAlchemy) -> None:
    before = datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)
    keys = DayKeys(site.keyring)
    late, early = keys.key(before), keys.key(before + timedelta(seconds=1))
    assert late != early
    assert keys.key(before) == late, "clocks of two requests may differ by a second"
    database.session.execute(delete(DayKey))
    database.session.commit()
    assert DayKeys(site.keyring).key(before) != late


def test_day_key_is_not_kept_in_the_open(site: Site, database: SQLAlchemy, now: datetime) -> None:
    key = DayKeys(site.keyring).key(now)
    wrapped = database.session.execute(select(DayKey.wrapped_key)).scalar_one()
    assert key not in bytes(wrapped)
    assert key.hex() not in repr(day_key(site.keyring, now))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_database_that_is_away_costs_no_error_and_is_asked_again_later(
    site: Site, database: SQLAlchemy, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from petitions.domain import day_keys

    def away(*_: object) -> bytes:
        raise OperationalError("", {}, Exception("away"))

    hands = Hands()
    keys = DayKeys(site.keyring, hands)
    with monkeypatch.context() as patch:
        patch.setattr(day_keys, "_with_own_connection", away)
        standing_in = keys.key(now)
        assert keys.key(now) == standing_in, "limits hold in this process meanwhile"
    assert keys.key(now) == standing_in, "nobody waits for the database at each request"
    hands.seconds = 6.0
    assert keys.key(now) == DayKeys(site.keyring).key(now) != standing_in
