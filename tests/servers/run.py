"""What the processes of one test run share: a directory, and things that are made once.

With xdist there is a controller and several workers. Servers are started by the controller, which
outlives the workers; templates of databases are made by whichever worker needs one first.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

_VARIABLE = "PETITIONS_TEST_RUN"
_SET_PARENT_DEATH_SIGNAL = 1
_ENOUGH_MEMORY = 2 * 1024**3


class UnavailableError(Exception):
    """It cannot be had on this machine; the tests that need it are skipped with this reason."""


def open_run_directory() -> Path:
    """Made by the controller (or the only process); workers inherit its name."""
    directory = Path(tempfile.mkdtemp(prefix="petitions-tests-"))
    os.environ[_VARIABLE] = str(directory)
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


def place_in_memory() -> Path | None:
    """Where files never meet a disk; None where there is no such place, or little room."""
    place = Path("/dev/shm")
    if not place.is_dir() or not os.access(place, os.W_OK):
        return None
    return place if shutil.disk_usage(place).free > _ENOUGH_MEMORY else None


def free_port() -> int:
    """A port nobody listens on now. Somebody may take it before it is used: callers try again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
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
