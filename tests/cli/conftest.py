"""Fixtures of the command tests: running a command in this process, over what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from typing import cast as typed

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions import create_app, create_demonstration
from petitions.cli import run
from petitions.cli.house import House
from petitions.domain.site import Site
from petitions.extensions import db


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said where."""

    status: int
    out: str
    err: str


Command = Callable[..., Said]


def _no_application() -> NoReturn:
    raise AssertionError("this command needs no settings and no database")


def _no_demonstration(*_: object) -> NoReturn:
    raise AssertionError("this command starts no demonstration")


@pytest.fixture
def bare_command(capsys: pytest.CaptureFixture[str]) -> Command:
    """command("bundles", "verify", …) where nothing is set up, and nothing may be asked for."""
    return lambda *arguments: _run(House(_no_application, _no_demonstration), arguments, capsys)


@pytest.fixture
def command(
    app: Flask, database: SQLAlchemy, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """command("list") over the test's own database, committed before and read anew after."""
    house = House(lambda: app, _no_demonstration, lambda: app.config["SETTINGS"].data_dir)

    def made(*arguments: str) -> Said:
        database.session.commit()
        said = _run(house, arguments, capsys)
        database.session.expire_all()
        return said

    yield made
    db.session.rollback()


@pytest.fixture
def command_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """command_with("serve", PETITIONS_…=…) with nothing but these settings, read as the roof does.

    For what is refused: it is refused before anything runs.
    """
    made: list[Flask] = []

    def application() -> Flask:
        made.append(create_app())
        return made[-1]

    def run_with(*arguments: str, **environ: str) -> Said:
        for name in [name for name in os.environ if name.startswith("PETITIONS_")]:
            monkeypatch.delenv(name)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return _run(House(application, create_demonstration, _data_dir), arguments, capsys)

    yield run_with
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _data_dir() -> Path:
    return Path(os.environ["PETITIONS_DATA_DIR"])


@pytest.fixture
def site(app: Flask) -> Site:
    return typed(Site, app.extensions["petitions"])


def _run(house: House, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> Said:
    capsys.readouterr()
    status = run(house, arguments)
    said = capsys.readouterr()
    return Said(status, said.out, said.err)


def assert_refused(said: Said, *words: str) -> None:
    """One line on standard error that says what is wrong, nothing on standard output, status 2."""
    assert said.status == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("petitions: ")
    for word in words:
        assert word in said.err
