"""Setting signers' letters beside the server: in processes with limits, a few at a time.

`python -m petitions.documents.appeal_press` takes a letter as JSON on standard input and gives the
PDF on standard output. A process of its own, because typst keeps what it has set, and because what
strangers send must neither stop nor slow the server: it is nicer than the server, and its time and
memory have limits.
"""

import os
import resource
import sys
from dataclasses import asdict
from datetime import date
from threading import BoundedSemaphore
from typing import Any

from petitions.documents.appeal_letter import AppealLetter, set_appeal_letter
from petitions.documents.set_elsewhere import answer, pdf_from
from petitions.documents.typesetting import TypesettingProblem

AT_ONCE = 2
WAITING = 4
_WAITS_FOR = 3.0
_SECONDS = 20
_BYTES = 2 * 1024**3
_presses = BoundedSemaphore(AT_ONCE)
_room = BoundedSemaphore(AT_ONCE + WAITING)
"""Who waits for a press keeps one of the server's threads: most of them stay free for readers."""


class PressBusy(TypesettingProblem):
    """As many letters as allowed are being set at this moment."""


def appeal_letter_pdf(letter: AppealLetter) -> bytes:
    """Return the letter as a PDF; it may wait some seconds for its turn.

    Raises PressBusy where enough others wait or its turn does not come, UnprintableText, with the
    characters, where no installed font has them, and TypesettingProblem, also where it takes too
    long.
    """
    if not _room.acquire(blocking=False):
        raise PressBusy("as many letters as allowed are waiting")
    try:
        if not _presses.acquire(timeout=_WAITS_FOR):
            raise PressBusy("its turn did not come")
        try:
            given = {**asdict(letter), "dated_on": letter.dated_on.isoformat()}
            return pdf_from("petitions.documents.appeal_press", given, _SECONDS)
        finally:
            _presses.release()
    finally:
        _room.release()


def _read(given: dict[str, Any]) -> AppealLetter:
    for name in ("address", "sender_lines", "faxes"):
        given[name] = tuple(given[name])
    return AppealLetter(**{**given, "dated_on": date.fromisoformat(given["dated_on"])})


def _set(given: dict[str, Any]) -> bytes:
    return set_appeal_letter(_read(given))


if __name__ == "__main__":
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    sys.exit(answer(_set))
