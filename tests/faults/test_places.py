"""A disk that can be written to again is written to again, by the process that met it read-only."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, TimeoutError

from petitions.extensions import WRITE
from tests.faults.places import mounted, read_only_over, why_no_mounts

_KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("CREATE TABLE t (a)")
os._exit(0)
"""
"""Leaves the write-ahead log behind, without which nobody can read from such a disk."""


@pytest.mark.skipif(bool(why_no_mounts()), reason=why_no_mounts())
def test_writers_go_on_after_the_disk_was_read_only(tmp_path: Path) -> None:
    """Several connections rest in the pool by then, and each has opened the file to read alone."""
    with mounted(tmp_path, "40m"):
        file = tmp_path / "petitions.db"
        subprocess.run([sys.executable, "-c", _KILLED, str(file)], check=True)
        engine = sa.create_engine(f"sqlite:///{file}", pool_use_lifo=True)
        with read_only_over(tmp_path):
            _read_at_once(engine, 3)
            with pytest.raises(TimeoutError):
                _write(engine)
        with pytest.raises(OperationalError, match="readonly"):
            _write(engine)
        _write(engine)
        engine.dispose()


def _read_at_once(engine: sa.Engine, number: int) -> None:
    with ExitStack() as stack:
        for _ in range(number):
            connection = stack.enter_context(engine.connect())
            connection.execute(sa.text("SELECT count(*) FROM t"))


def _write(engine: sa.Engine) -> None:
    with engine.connect().execution_options(**WRITE) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        connection.commit()
