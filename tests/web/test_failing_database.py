"""A database that fails in the middle: nothing typed is lost, and nothing stays broken after."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.faults.typed import kept_in
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, only_sqlite

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy
    from werkzeug.test import TestResponse

    Sign = Callable[..., TestResponse]


def assert_given_back(answer: TestResponse, status: int = 503) -> dict[str, str]:
    """The form is there with everything in it; gives what its button would send."""
    assert answer.status_code == status
    assert answer.headers["Retry-After"] == "10"
    kept = kept_in(answer.text)
    assert {name: kept[name] for name in ANNA} == ANNA
    return kept


@contextmanager
def read_only(database: SQLAlchemy) -> Iterator[None]:
    """Whoever connects meanwhile can only read, for as long as the connection lasts: a disk that
    cannot be written to, or a server that is still a copy of another."""
    database.session.remove()
    database.engine.dispose()

    def only_reads(connection: Any, _record: Any) -> None:
        if database.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            connection.commit()

    event.listen(database.engine, "connect", only_reads)
    yield
    event.remove(database.engine, "connect", only_reads)


def test_form_comes_back_from_a_read_only_database_and_the_next_one_is_taken(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, sign: Sign
) -> None:
    with read_only(database):
        kept = assert_given_back(sign())
    assert client.post(f"/petitions/{OPEN}/sign", data=kept).status_code == 303


def test_machines_are_told_that_the_database_can_only_be_read(
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of SQLite the file itself is asked: this way, since root may write to any."""
    if database.engine.dialect.name == "sqlite":
        monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith(".db"))
    with read_only(database):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["reasons"] == ["the database can only be read: nothing can be signed"]


@only_sqlite
def test_form_comes_back_where_the_disk_has_no_room_for_the_line_of_writers(
    loaded: Loaded, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.open

    def full(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("-turns"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(path, *arguments, **named)

    from petitions.extensions import _turns

    _turns.cache_clear()
    with monkeypatch.context() as broken:
        broken.setattr("petitions.turns.os.open", full)
        assert_given_back(sign())
    assert sign().status_code == 303


@only_sqlite
def test_form_comes_back_from_a_fault_of_ours(
    app: Flask, loaded: Loaded, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    app.testing = False
    monkeypatch.setattr("petitions.web.public.signing.standing_of", broken)
    answer = sign()
    assert "Something went wrong here" in answer.text
    assert_given_back(answer, 500)
