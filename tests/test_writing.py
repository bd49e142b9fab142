"""Writers wait in a fair line, and those who come together share a commit."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import TimeoutError as TooLong

from petitions.models import Suppression
from petitions.turns import NoTurn, Turns
from petitions.writing import Together, write_together

_HOLD = """
import sys
from pathlib import Path
from petitions.turns import Turns
turns = Turns(Path(sys.argv[1]))
turns.take()
print("taken", flush=True)
sys.stdin.read()
"""


def test_whoever_came_first_writes_first(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "x.db")
    turns.take()
    order: list[int] = []

    def write(number: int) -> None:
        turns.take()
        order.append(number)
        turns.give_back()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        while len(turns._line) <= number:
            threading.Event().wait(0.001)
    turns.give_back()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "x.db", patience=0.01)
    turns.take()
    with pytest.raises(NoTurn):
        turns.take()
    turns.give_back()
    turns.take()  # whoever gave up does not stand in the line any more


def test_another_process_is_waited_for_and_its_death_ends_its_turn(tmp_path: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "x.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "taken\n"
    turns = Turns(tmp_path / "x.db", patience=0.01)
    with pytest.raises(NoTurn):
        turns.take()
    held.kill()
    held.communicate()
    turns.take()


def _adding(database: SQLAlchemy, now: object, key: bytes) -> Callable[[], bytes]:
    def add() -> bytes:
        database.session.add(Suppression(key=key, reason="not me", created_at=now))
        database.session.flush()
        return key

    return add


def test_one_that_fails_takes_nobody_with_it(app: Flask, database: SQLAlchemy, now: object) -> None:
    """Five come while the first is being written: they share a commit, and one of them fails."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL groups commits by itself")
    together = Together()
    begun, go_on = threading.Event(), threading.Event()
    told: dict[bytes, object] = {}

    def first() -> bytes:
        begun.set()
        go_on.wait()
        return _adding(database, now, b"first")()

    def refused() -> bytes:
        _adding(database, now, b"refused")()
        raise ValueError("refused")

    def ask(name: bytes, do: Callable[[], bytes]) -> None:
        with app.app_context():
            try:
                told[name] = together.write(do)
            except ValueError as error:
                told[name] = str(error)

    def came(number: int) -> None:
        while len(together._list) < number:
            threading.Event().wait(0.001)

    threads = [threading.Thread(target=ask, args=(b"first", first))]
    threads[0].start()
    begun.wait()
    for name in (b"a", b"b", b"refused", b"c"):
        do = refused if name == b"refused" else _adding(database, now, name)
        threads.append(threading.Thread(target=ask, args=(name, do)))
        threads[-1].start()
    came(4)
    go_on.set()
    for thread in threads:
        thread.join()
    assert told == {b"first": b"first", b"a": b"a", b"b": b"b", b"c": b"c", b"refused": "refused"}
    kept = set(database.session.execute(select(Suppression.key)).scalars())
    assert kept == {b"first", b"a", b"b", b"c"}


def test_those_who_come_together_share_a_commit(
    app: Flask, database: SQLAlchemy, now: object
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL groups commits by itself")
    together, commits = Together(), list[object]()
    pieces = [_adding(database, now, bytes([number])) for number in range(6)]

    def lead() -> None:
        threads = [threading.Thread(target=ask, args=(piece,)) for piece in pieces[1:]]
        for thread in threads:
            thread.start()
        while len(together._list) < len(threads):
            threading.Event().wait(0.001)
        waiting.extend(threads)
        pieces[0]()

    def ask(piece: Callable[[], object]) -> None:
        with app.app_context():
            together.write(piece)

    waiting: list[threading.Thread] = []
    event.listen(database.engine, "commit", commits.append)
    together.write(lead)
    for thread in waiting:
        thread.join()
    shared = len(commits)
    assert database.session.execute(select(func.count()).select_from(Suppression)).scalar() == 6
    assert shared == 2  # the first alone, all others in one


def test_whoever_finds_the_line_too_long_is_told_and_nothing_is_written(
    app: Flask, database: SQLAlchemy, now: object
) -> None:
    together = Together(patience=0.01)
    together._leading.acquire()
    with pytest.raises(TooLong):
        together.write(_adding(database, now, b"late"))
    together._leading.release()
    assert together._list == []


def test_what_was_written_together_is_committed(
    app: Flask, database: SQLAlchemy, now: object
) -> None:
    assert write_together(_adding(database, now, b"kept")) == b"kept"
    database.session.rollback()
    assert database.session.execute(select(Suppression.key)).scalar_one() == b"kept"


def test_a_connection_that_was_lost_while_it_rested_is_made_anew(
    database: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could go")
    monkeypatch.setattr("petitions.extensions._TRUSTED_FOR", 0.0)
    pid = database.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.engine.connect() as other:
        database.session.rollback()
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert database.session.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
