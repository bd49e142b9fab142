"""Turns of those who write to one SQLite database: first come, first served, and never for long.

SQLite alone lets writers sleep and try again, and whoever sleeps longest loses: measured with
sixteen threads, some waited for more than four seconds and gave up while others wrote hundreds of
times. Here each waits in line, threads of a process among themselves, and processes by two locks
on a file beside the database: whoever is next holds one of them, so that nobody is passed by.
"""

import errno
import fcntl
import os
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Lock

PATIENCE = 5.0
"""Seconds that somebody waits in line before they are told to come back."""
_LOOKS_AGAIN = 0.001
_TURN, _NEXT = 0, 1
"""Bytes of the file that are locked."""


class NoTurn(TimeoutError):
    """The line was too long: nothing was written."""


class Turns:
    """The line in front of one database file."""

    def __init__(self, database: Path, patience: float = PATIENCE) -> None:
        self._path = database.with_name(f"{database.name}-turns")
        self._patience = patience
        self._guard = Lock()
        self._line: deque[Lock] = deque()
        self._taken = False
        self._file = -1
        self._opened_by = 0

    def take(self) -> None:
        """Wait for the turn. Raises NoTurn."""
        until = time.monotonic() + self._patience
        self._wait_in_line()
        try:
            self._wait_for_processes(until)
        except BaseException:
            self._pass_on()
            raise

    def give_back(self) -> None:
        """Let the next one write, of whatever process."""
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _TURN)
        self._pass_on()

    def _wait_in_line(self) -> None:
        mine = Lock()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine.acquire()
            self._line.append(mine)
        if mine.acquire(timeout=self._patience):
            return
        with self._guard, suppress(ValueError):
            self._line.remove(mine)
            raise NoTurn("too many write to this database at once")
        # It was our turn in the very moment in which we gave up.

    def _pass_on(self) -> None:
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._taken = False

    def _wait_for_processes(self, until: float) -> None:
        if self._opened_by != os.getpid():  # a child must not share its parent's locks
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._opened_by = os.getpid()
        self._locked(_NEXT, until)
        try:
            self._locked(_TURN, until)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _NEXT)

    def _locked(self, byte: int, until: float) -> None:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
            except OSError as error:
                if error.errno not in {errno.EAGAIN, errno.EACCES}:
                    raise
            else:
                return
            if time.monotonic() > until:
                raise NoTurn("another process writes to this database for long")
            time.sleep(_LOOKS_AGAIN)
