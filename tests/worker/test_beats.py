"""A worker's sign of life: given at once, given again, and old ones are forgotten."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from petitions.domain import beats
from petitions.models import WorkerBeat
from petitions.worker import beats as giving


def workers(database: SQLAlchemy) -> dict[str, datetime]:
    database.session.rollback()
    return dict(database.session.execute(select(WorkerBeat.worker, WorkerBeat.seen_at)).all())


def test_sign_of_life_is_given_again_by_the_same_worker(
    app: Flask, database: SQLAlchemy, now: datetime
) -> None:
    moments = iter([now, now + timedelta(seconds=15)])
    signs = giving.Beats(app, "host-1", lambda: next(moments))
    signs.give()
    assert workers(database) == {"host-1": now}
    signs.give()
    assert workers(database) == {"host-1": now + timedelta(seconds=15)}
    assert beats.last_seen() == now + timedelta(seconds=15)


def test_workers_of_the_day_before_are_forgotten(database: SQLAlchemy, now: datetime) -> None:
    beats.beat("old", now - timedelta(hours=25))
    beats.beat("of today", now - timedelta(hours=23))
    beats.beat("new", now)
    database.session.commit()
    assert set(workers(database)) == {"of today", "new"}


def test_worker_gives_them_from_a_thread_until_it_ends(
    app: Flask, database: SQLAlchemy, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long build, or a relay that hangs, holds up the loop and not the sign of life."""
    monkeypatch.setattr(giving, "EVERY", 0.01)
    third = threading.Event()
    given = 0

    def clock() -> datetime:
        nonlocal given
        given += 1
        if given == 3:
            third.set()
        return now + timedelta(seconds=given)

    with giving.Beats(app, "host-1", clock):
        assert third.wait(30)
    assert workers(database)["host-1"] >= now + timedelta(seconds=2)


def test_database_that_is_away_is_no_reason_to_end(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("BEGIN", {}, Exception("away"))

    monkeypatch.setattr(giving, "begin_write", fail)
    giving.Beats(app, "host-1", lambda: now).give()
