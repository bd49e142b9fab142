"""The loop: goes on whatever goes wrong, and stops when asked to."""

from __future__ import annotations

import io
import logging
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from petitions import create_app, logs
from petitions.worker import loop
from tests.settings import settings_for


class Counting:
    """A step that counts its turns, fails in some, and asks to stop after the last."""

    def __init__(self, stopping: threading.Event, turns: int, *faults: Exception) -> None:
        self.taken = 0
        self._stopping = stopping
        self._turns = turns
        self._faults = list(faults)

    def take(self, now: datetime) -> bool:
        assert now.tzinfo is not None
        self.taken += 1
        if self.taken == self._turns:
            self._stopping.set()
        if self._faults:
            raise self._faults.pop(0)
        return True

    def close(self) -> None:
        """Holds nothing."""


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    monkeypatch.setattr(loop, "_AFTER_A_FAULT", 0.01)
    monkeypatch.setattr(loop, "WAKES_EVERY", 0.01)
    return threading.Event()


def test_fault_in_one_step_stops_neither_it_nor_the_others(stopping: threading.Event) -> None:
    other = Counting(stopping, 99)
    failing = Counting(stopping, 3, RuntimeError("one"), ValueError("two"))
    loop.repeat([other, failing], stopping)
    assert failing.taken == 3
    assert other.taken == 3


def test_database_that_is_gone_is_waited_for(
    stopping: threading.Event, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up()
    gone = OperationalError("SELECT 1", {}, ConnectionError("host=db user=secret"))
    step = Counting(stopping, 3, gone, gone)
    loop.repeat([step], stopping)
    assert step.taken == 3
    said = capsys.readouterr().err
    assert said.count("database not available") == 2
    assert "secret" not in said


def test_no_further_step_is_taken_once_asked_to_stop(stopping: threading.Event) -> None:
    first, second = Counting(stopping, 1), Counting(stopping, 99)
    loop.repeat([first, second], stopping)
    assert (first.taken, second.taken) == (1, 0)


def test_two_workers_never_share_a_name() -> None:
    assert loop.worker_name() != loop.worker_name()
    assert len(loop.worker_name()) <= 40  # the column


@pytest.fixture(autouse=True)
def _logging_as_before() -> object:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield
    root.handlers, level = before
    root.setLevel(level)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("GET /confirm/WzEsMV0.abc-_x.yz 500", "GET /confirm/[token] 500"),
        ('"/not-me/abc?lang=ru"', '"/not-me/[token]?lang=ru"'),
        ("/my-signature/x.y.z", "/my-signature/[token]"),
        ("/my-signature", "/my-signature"),
        ("/petitions/anna-b", "/petitions/anna-b"),
        ("to ada+x@example.org failed", "to [address] failed"),
        ("(<дмитрий@почта.example>)", "(<[address]>)"),
        ("mail=12 number=3", "mail=12 number=3"),
    ],
)
def test_tokens_and_addresses_are_masked_in_logs(line: str, written: str) -> None:
    assert logs.masked(line) == written


def test_traceback_of_a_library_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    logs.set_up()
    try:
        raise ValueError("cannot send to ada@example.org")
    except ValueError:
        logging.getLogger("a.library").exception("Exception on /confirm/abc.def [GET]")
    text = said.getvalue()
    assert "ValueError" in text
    assert "ada@" not in text
    assert "abc.def" not in text


def test_without_a_relay_nothing_is_there_that_could_take_a_mail(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings_for(tmp_path / "quiet", database_url, PETITIONS_SMTP_URL=""))
    assert loop._mail_step(app, threading.Event()) is None
    assert "mails wait" in capsys.readouterr().err
