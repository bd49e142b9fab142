"""What a program that reads a stranger's file in a process of its own may still take and do.

Loads nothing of the house. Limits of the system, which every Unix has; no engine of ours.
"""

import codecs
import ctypes
import encodings
import pkgutil
import resource
import sys
from contextlib import suppress

_PR_SET_NO_NEW_PRIVS = 38


def take_little(*, memory: int, seconds: int) -> None:
    """Bound memory and time; a crash leaves no image of the memory."""
    _bound(resource.RLIMIT_AS, memory)
    _bound(resource.RLIMIT_CPU, seconds)
    _bound(resource.RLIMIT_CORE, 0)


def open_nothing_more() -> None:
    """Give up files, sockets and programs. Call once all code is there, before the file is read.

    What is open stays open: standard input, output and error. No file and no connection can be
    opened any more, for reading or writing, no file grows, and no program is started. (The limit on
    processes does not bind root: there the limit on open files alone stands.)
    """
    _load_codecs()
    _gain_nothing()
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_NPROC, 0)
    _bound(resource.RLIMIT_NOFILE, 0)


def _bound(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _gain_nothing() -> None:
    """Let no program that is started have more rights than this one. Linux alone has it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _load_codecs() -> None:
    """Load every character set: Python opens a file for each that a document names."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(LookupError, ImportError):
            codecs.lookup(module.name)
