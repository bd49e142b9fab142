"""`petitions relief`: what gives way, turned on and off."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy

from petitions.domain import relief
from petitions.domain.relief import Lane
from tests.cli.conftest import Command


def test_it_shows_what_gives_way_and_turns_it(command: Command, database: SQLAlchemy) -> None:
    assert [line.split("\t")[:2] for line in command("relief").out.splitlines()[1:]] == [
        [lane.value, "off"] for lane in Lane
    ]
    said = command("relief", "on", "news")
    assert (said.status, said.out) == (0, "news: news is neither queued nor sent\n")
    assert command("relief", "on", "news").err == "It was on already.\n"
    database.session.rollback()
    assert list(relief.in_force()) == [Lane.NEWS]
    [row] = [line for line in command("relief").out.splitlines() if line.startswith("news\t")]
    assert row.split("\t")[1].startswith("on since ")
    assert command("relief", "off", "news").out == "news: as ever\n"
    assert command("relief", "off", "news").out == "news: was not on\n"


def test_what_cannot_give_way_is_refused_in_one_line(command: Command) -> None:
    said = command("relief", "on", "signing")
    assert said.status == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
