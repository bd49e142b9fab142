"""Reading a paper that somebody has sent, in a process of its own.

Who pretends to report a case can send a PDF that unpacks to gigabytes, or a text over which a
pattern never ends. The process has little memory and time, and none of the site's secrets; the
server, whose threads would all wait for a pattern, goes on.
"""

import json
import subprocess  # nosec B404  # our own programs alone
import sys

from petitions.documents.own_process import environment
from petitions.intake.draft import Draft
from petitions.intake.files import LARGEST
from petitions.intake.reading_apart import FILE, REFUSED, SECONDS, TEXT
from petitions.intake.refusals import IntakeError


def read_paper(data: bytes) -> Draft:
    """Read a file's bytes as `intake` does. Raises IntakeError."""
    if len(data) > LARGEST:
        raise IntakeError(f"the file is larger than {LARGEST // 1024 // 1024} MB")
    return _draft_of(*apart(FILE, data))


def read_text(text: str) -> Draft:
    """Read a text that was pasted. Raises IntakeError."""
    return _draft_of(*apart(TEXT, text.encode(errors="replace")))


def apart(kind: bytes, data: bytes) -> tuple[int, bytes]:
    """Return what the process said, and its exit status. Raises IntakeError."""
    try:
        ran = subprocess.run(  # nosec B603  # our own program
            [sys.executable, "-P", "-W", "ignore", "-m", "petitions.intake.reading_apart"],
            env=environment(),
            input=kind + b"\n" + data,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise IntakeError("the paper takes too long to be read") from None
    return ran.returncode, ran.stdout


def _draft_of(status: int, said: bytes) -> Draft:
    if status == REFUSED:
        raise IntakeError(said.decode())
    if status:
        raise IntakeError("the paper takes too much to be read, or is damaged")
    return Draft.of_plain(json.loads(said))
