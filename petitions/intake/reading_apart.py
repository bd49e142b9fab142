"""Reading a paper from strangers: the program that `domain/papers.py` runs.

A line that says what it is, and the paper, on standard input; the draft as JSON on standard output.
Status 2: it was refused, and standard output says why. Whatever else ends this program, the paper
has no other answer.
"""

import json
import os
import resource
import sys

from petitions.intake.refusals import IntakeError
from petitions.intake.urgent_action import read_document, read_urgent_action

FILE, TEXT = b"file", b"text"
REFUSED = 2
SECONDS = 30
_MEMORY = 1 << 30


def answer(kind: bytes, data: bytes) -> tuple[int, bytes]:
    """Return the exit status and what is said: a draft, or why there is none."""
    try:
        draft = read_document(data) if kind == FILE else read_urgent_action(data.decode())
    except IntakeError as refusal:
        return REFUSED, str(refusal).encode()
    return 0, json.dumps(draft.as_plain()).encode()


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kind = sys.stdin.buffer.readline().strip()
    status, said = answer(kind, sys.stdin.buffer.read())
    sys.stdout.buffer.write(said)
    return status


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(_main())
