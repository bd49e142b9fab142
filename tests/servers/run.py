"""What the processes of one test run share: a directory, and things that are made once.

With xdist there is a controller and several workers. Servers are started by the controller, which
outlives the workers; templates of databases are made by whichever worker needs one first.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_VARIABLE = "PETITIONS_TEST_RUN"
_SET_PARENT_DEATH_SIGNAL = 1
_IN_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 2 * 1024**3
_OURS = "petitions-test-"
_PORTS = range(12_000, 32_000)  # Linux gives connections those from 32768 on, others from 49152


class UnavailableError(Exception):
    """It cannot be had on this machine; the tests that need it are skipped with this reason."""


def open_run_directory() -> Path:
    """Made by the controller (or the only process); workers inherit its name.

    In memory where there is room, with the tests' own directories in it: SQLite waits for the disk
    at each commit, as it should.
    """
    _remove_leftovers()
    directory = temporary_directory("run", in_memory=True)
    os.environ[_VARIABLE] = str(directory)
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(directory))
    return directory


def close_run_directory() -> None:
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def run_directory() -> Path:
    return Path(os.environ[_VARIABLE])


def once_per_run(name: str, make: Callable[[], str]) -> str:
    """The first process that asks makes it; the others wait and read what it wrote."""
    answer = run_directory() / f"{name}.txt"
    with (run_directory() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            text = make()
            fresh = answer.with_suffix(".new")
            fresh.write_text(text)
            fresh.rename(answer)
        return answer.read_text()


def temporary_directory(purpose: str, *, in_memory: bool = False) -> Path:
    """Named after this process, so that a later run can tell whether anybody still needs it."""
    place = _IN_MEMORY if in_memory and _has_room(_IN_MEMORY) else None
    return Path(tempfile.mkdtemp(prefix=f"{_OURS}{purpose}-{os.getpid()}-", dir=place))


def _has_room(place: Path) -> bool:
    there = place.is_dir() and os.access(place, os.W_OK)
    return there and shutil.disk_usage(place).free > _ENOUGH_MEMORY


def _remove_leftovers() -> None:
    """What test runs that were killed have left, above all in memory."""
    for place in (Path(tempfile.gettempdir()), _IN_MEMORY):
        for directory in place.glob(f"{_OURS}*-*-*"):
            pid = directory.name.split("-")[-2]
            ours = directory.lstat().st_uid == os.geteuid()
            if ours and pid.isdecimal() and not _is_alive(int(pid)):
                shutil.rmtree(directory, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port() -> int:
    """A port nobody listens on now, and none that the system gives to connections by itself.

    Between this look and its use a program starts, which takes seconds: of the system's own ports,
    any connection that another test makes meanwhile may take it.
    """
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(_PORTS)))
            return int(probe.getsockname()[1])


def start_process(
    command: Sequence[str], *, log: IO[bytes], user: str | None = None, cwd: Path
) -> subprocess.Popen[bytes]:
    """Starts a server that ends with this process, even if this process is killed (on Linux)."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        user=user,
        group=_group_of(user),
        extra_groups=None if user is None else [],
        # Otherwise a test run that is killed leaves its servers behind.
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads yet
    )


def stop_process(process: subprocess.Popen[bytes], by: signal.Signals) -> None:
    process.send_signal(by)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGINT)
