"""Starting a process for one job on a sealed case, and noticing how it ended.

It gets the key through a pipe, which stays open for as long as this process lives: so it ends with
it. What it is handed is in no argument, variable or file.
"""

import subprocess  # nosec B404  # our own programs alone
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

_ROOT = Path(__file__).resolve().parents[3]
_log = structlog.get_logger("petitions.web")


def command_of(name: str) -> tuple[str, ...]:
    """Return the command line of one of our own programs."""
    return (sys.executable, "-m", "petitions", name)


def start(
    command: Sequence[str], line: bytes, job: str, end: Callable[[], None]
) -> threading.Thread | None:
    """Start a process and write it a line; return the thread that notices its end.

    `end` is called when it has ended, and where it cannot be started; then there is no thread.
    """
    try:
        # A session of its own: Ctrl-C in the terminal reaches the server, and it ends with that.
        process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd=_ROOT,
        )
    except OSError as error:
        _log.error("process not started", job=job, error=type(error).__name__)
        end()
        return None
    assert process.stdin is not None  # noqa: S101  # nosec B101  # it was asked for
    with suppress(OSError):  # it has ended already: that is noticed below
        process.stdin.write(line)
        process.stdin.flush()
    waiting = threading.Thread(target=_wait, args=(process, job, end), daemon=True)
    waiting.start()
    return waiting


def _wait(process: subprocess.Popen[bytes], job: str, end: Callable[[], None]) -> None:
    status = process.wait()
    if process.stdin is not None:
        process.stdin.close()
    if status:
        _log.error("process ended", job=job, status=status)
    end()
