"""Setting prints beside the server: a process each, few at a time, the last ones remembered.

`python -m petitions.documents.prints_press` takes a print as JSON on standard input and gives the
file on standard output. A process of its own, because typst keeps what it has set.
"""

import hashlib
import json
import os
import resource
import sys
from collections import OrderedDict
from dataclasses import asdict
from datetime import date
from threading import BoundedSemaphore, Lock
from typing import Any

from petitions.documents.appeal_press import PressBusy
from petitions.documents.prints import Print, set_print
from petitions.documents.set_elsewhere import answer, pdf_from

_WAITS_FOR = 5.0
_SECONDS = 20
_BYTES = 2 * 1024**3
_REMEMBERED = 64
WAITING = 3
_press = Lock()
_room = BoundedSemaphore(1 + WAITING)
"""Who waits keeps one of the server's threads: most of them stay free for readers."""
_last: OrderedDict[bytes, bytes] = OrderedDict()
"""The last prints made by this process, newest last: public, and asked for again and again."""


def print_file(wanted: Print) -> bytes:
    """Return a print; it may wait some seconds for its turn.

    Raises PressBusy where its turn does not come, and TypesettingProblem.
    """
    given = {**asdict(wanted), "dated_on": wanted.dated_on.isoformat()}
    key = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()
    if (made := _remembered(key)) is not None:
        return made
    if not _room.acquire(blocking=False):
        raise PressBusy("as many prints as allowed are waiting")
    try:
        if not _press.acquire(timeout=_WAITS_FOR):
            raise PressBusy("its turn did not come")
        try:
            return _remembered(key) or _made(key, given)
        finally:
            _press.release()
    finally:
        _room.release()


def _made(key: bytes, given: dict[str, Any]) -> bytes:
    made = pdf_from("petitions.documents.prints_press", given, _SECONDS)
    _last[key] = made
    while len(_last) > _REMEMBERED:
        _last.popitem(last=False)
    return made


def _remembered(key: bytes) -> bytes | None:
    return _last.get(key)


def _set(given: dict[str, Any]) -> bytes:
    return set_print(Print(**{**given, "dated_on": date.fromisoformat(given["dated_on"])}))


if __name__ == "__main__":
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    sys.exit(answer(_set))
