"""Taking the text out of a file from strangers: the program that `domain/papers.py` runs.

A line that says how, and the file, on standard input; the text on standard output. Status 2: it
was refused, and standard output says why. Whatever else ends it, the file has no other answer.
"""

import os
import resource
import sys

from petitions.intake.files import text_of
from petitions.intake.refusals import IntakeError

AS_LAID_OUT, AS_WRITTEN = b"as laid out", b"as written"
REFUSED = 2
SECONDS = 30
_MEMORY = 1 << 30


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    as_laid_out = sys.stdin.buffer.readline().strip() == AS_LAID_OUT
    try:
        said, status = text_of(sys.stdin.buffer.read(), as_laid_out), 0
    except IntakeError as refusal:
        said, status = str(refusal), REFUSED
    sys.stdout.buffer.write(said.encode(errors="replace"))
    return status


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(_main())
