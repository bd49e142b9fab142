"""The database fixtures and the client keep a test and its requests apart, as two people are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import time_machine
from flask import Flask
from sqlalchemy import text

from petitions.extensions import begin_write, db
from tests.pages import CheckingClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy


def rows(database: SQLAlchemy) -> list[int]:
    return list(database.session.scalars(text("SELECT number FROM probe ORDER BY number")))


def insert(number: int) -> None:
    db.session.execute(text("INSERT INTO probe VALUES (:number)"), {"number": number})


def test_a_request_sees_what_was_prepared_and_keeps_only_what_it_commits(
    app: Flask, client: CheckingClient, database: SQLAlchemy
) -> None:
    @app.route("/probe/<int:number>/<how>")
    def probe(number: int, how: str) -> dict[str, list[int]]:
        begin_write()
        before = rows(db)
        insert(number)
        if how == "commit":
            db.session.commit()
        return {"before": before}

    database.session.execute(text("CREATE TABLE probe (number integer)"))
    insert(1)
    assert client.get("/probe/2/commit").json == {"before": [1]}
    assert rows(database) == [1, 2]
    assert client.get("/probe/3/forget").json == {"before": [1, 2]}
    assert rows(database) == [1, 2]


def test_each_test_has_an_empty_database(database: SQLAlchemy) -> None:
    tables = set(database.inspect(database.engine).get_table_names())
    assert "probe" not in tables
    assert "petition" in tables


def test_time_stands_still_where_told(now: datetime, frozen_time: time_machine.Traveller) -> None:
    assert datetime.now(UTC) == now
    frozen_time.shift(timedelta(days=2))
    assert datetime.now(UTC) == now + timedelta(days=2)
