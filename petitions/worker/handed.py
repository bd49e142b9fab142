"""The start and end of a process that is handed a key through a pipe, and lives as long as it.

What it was handed is read from the first line; where the pipe ends, the web server that began it
is gone, and so is the process.
"""

import os
import resource
import threading
from typing import BinaryIO

from petitions import logs

ENDS_WITHIN = 10.0
"""Seconds that the work may still take once its web server is gone."""


def take(pipe: BinaryIO) -> tuple[bytes, threading.Event]:
    """Return the line that was handed over, and what is set where the pipe ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no image of this memory
    logs.set_up()
    line = pipe.readline()
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(pipe, stopping), daemon=True).start()
    return line, stopping


def _watch(pipe: BinaryIO, stopping: threading.Event) -> None:
    """Stop once the other end of the pipe is gone, and do not wait for long."""
    # Past Python's buffer, whose lock, held here, would abort the end of the interpreter.
    while os.read(pipe.fileno(), 1):
        pass
    stopping.set()
    threading.Event().wait(ENDS_WITHIN)
    os._exit(1)
