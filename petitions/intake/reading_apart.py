"""Reading a paper from strangers: the program that `domain/papers.py` runs.

A line that says what it is, and the paper, on standard input; the draft as JSON on standard output.
Status 2: it was refused, and standard output says why. Whatever else ends this program, the paper
has no other answer. While it reads, it can open no file and no connection.
"""

import json
import os
import sys

from petitions.confined import open_nothing_more, take_little
from petitions.intake.files import load_readers
from petitions.intake.refusals import IntakeError
from petitions.intake.urgent_action import read_document, read_urgent_action

FILE, TEXT = b"file", b"text"
REFUSED = 2
SECONDS = 30
_MEMORY = 1 << 30
_ANYTHING = """UA 1/12 Uzbekistan
URGENT ACTION
Someone was detained on 1 May 2012 in Tashkent, Uzbekistan.
Please write in Russian or your own language:
Urging the authorities to release him.
PLEASE SEND APPEALS BEFORE 1 JUNE 2012 TO:
Minister of Justice
Some One
Fax: +998 71 000 00 00
Salutation: Dear Minister
"""
"""Read once before strangers' words are: tables of countries, days and languages load with it."""


def answer(kind: bytes, data: bytes) -> tuple[int, bytes]:
    """Return the exit status and what is said: a draft, or why there is none."""
    try:
        draft = read_document(data) if kind == FILE else read_urgent_action(data.decode())
    except IntakeError as refusal:
        return REFUSED, str(refusal).encode()
    return 0, json.dumps(draft.as_plain()).encode()


def _main() -> int:
    take_little(memory=_MEMORY, seconds=SECONDS)
    load_readers()
    read_urgent_action(_ANYTHING)
    open_nothing_more()
    kind = sys.stdin.buffer.readline().strip()
    status, said = answer(kind, sys.stdin.buffer.read())
    sys.stdout.buffer.write(said)
    return status


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(_main())
