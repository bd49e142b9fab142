"""Alive, and ready: with reasons where not. And what readers get while the database is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from petitions.domain import beats
from petitions.extensions import db
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, stamp_in, typed_values

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy


def test_ready_with_a_migrated_database(client: CheckingClient, loaded: Loaded) -> None:
    assert client.get("/healthz").json == {"alive": True}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "reasons": []})


def test_not_ready_without_the_newest_migration(
    client: CheckingClient, database: SQLAlchemy
) -> None:
    database.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "not migrated" in answer.json["reasons"][0]


def test_version_before_stays_ready_while_its_successor_is_put_in_place(
    client: CheckingClient, loaded: Loaded, database: SQLAlchemy
) -> None:
    """Or a balancer would send readers nowhere from the migration on until the switch."""
    database.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/readyz").status_code == 200


def test_not_ready_when_mail_waits_for_over_a_minute(
    client: CheckingClient, loaded: Loaded, signed: Callable[..., Any], frozen_time: Any
) -> None:
    signed()
    frozen_time.shift(timedelta(seconds=59))
    assert client.get("/readyz").status_code == 200
    frozen_time.shift(timedelta(seconds=2))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"] == [
        "mails that were due over a minute ago and wait for the worker: 1"
    ]


def test_worker_that_was_never_started_is_noticed_within_a_minute(
    client: CheckingClient, loaded: Loaded, now: datetime, app: Flask, frozen_time: Any
) -> None:
    app.extensions["petitions.started"] = now
    frozen_time.shift(timedelta(seconds=60))
    assert client.get("/readyz").status_code == 200
    frozen_time.shift(timedelta(seconds=1))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"] == [
        "no worker has been seen for over a minute: start `petitions worker`"
    ]


def test_worker_that_stopped_is_noticed_within_a_minute(
    client: CheckingClient,
    loaded: Loaded,
    now: datetime,
    app: Flask,
    frozen_time: Any,
) -> None:
    app.extensions["petitions.started"] = now - timedelta(days=1)
    with app.app_context():
        beats.beat("one", now - timedelta(hours=1))
        db.session.commit()
    assert client.get("/readyz").status_code == 503
    with app.app_context():
        beats.beat("another", now)
        db.session.commit()
    assert client.get("/readyz").status_code == 200
    frozen_time.shift(timedelta(seconds=61))
    assert client.get("/readyz").status_code == 503


def test_full_disk_is_told(
    client: CheckingClient, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.web.health.free_bytes", lambda: 3 << 20)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"] == ["the disk is full: 3 MB are left where the data are"]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Break the database for all that follows, as when it is locked or gone."""

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    def do() -> None:
        monkeypatch.setattr(db.session, "execute", fail)
        monkeypatch.setattr(db.session, "connection", fail)
        monkeypatch.setattr(db.session, "commit", lambda: None)

    return do


def test_signing_without_the_database_keeps_everything_typed(
    client: CheckingClient, loaded: Loaded, broken: Callable[[], None]
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    broken()
    form = {**ANNA, "stamp": stamp, "news": "yes"}
    answer = client.post(f"/petitions/{OPEN}/sign?lang=ru", data=form)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert typed_values(answer.text) == form


@pytest.mark.parametrize("page", ["/", f"/petitions/{OPEN}", "/about"])
def test_reading_without_the_database_is_a_calm_page(
    client: CheckingClient, loaded: Loaded, broken: Callable[[], None], page: str
) -> None:
    broken()
    answer = client.get(page)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Please try again in a moment" in answer.text


def test_machines_are_told_that_the_database_is_gone(
    client: CheckingClient, loaded: Loaded, broken: Callable[[], None]
) -> None:
    broken()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["the database does not answer"])
    assert client.get("/api/v1/petitions").json["status"] == 503


def test_our_own_fault_is_a_calm_page_without_details(
    client: CheckingClient, app: Any, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("petitions.domain.presenting.front_page", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "secret detail" not in answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_locked_database_keeps_everything_typed(
    client: CheckingClient, app: Any, database_url: str, loaded: Loaded
) -> None:
    import sqlite3

    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    with app.app_context():
        db.session.execute(text("PRAGMA busy_timeout = 50"))
        other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            answer = client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "stamp": stamp})
        finally:
            other.execute("ROLLBACK")
            other.close()
    assert answer.status_code == 503
    assert typed_values(answer.text)["name"] == ANNA["name"]


def test_missing_key_refuses_and_keeps_everything_typed(
    client: CheckingClient, loaded: Loaded, site: Any
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    for file in site.keyring._folder.glob("case-*"):
        file.unlink()
    form = {**ANNA, "stamp": stamp}
    answer = client.post(f"/petitions/{OPEN}/sign", data=form)
    assert answer.status_code == 503
    assert typed_values(answer.text) == form


def test_database_failure_is_logged_without_what_was_typed(
    client: CheckingClient,
    loaded: Loaded,
    broken: Callable[[], None],
    capfd: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    broken()
    client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "stamp": stamp})
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "database failed" in logged
    assert "anna@example.org" not in logged
    assert "locked" not in logged
