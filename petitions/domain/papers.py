"""Reading a paper that somebody has sent: its text is taken out in a process of its own.

Who pretends to report a case can send a PDF that unpacks to gigabytes, or that is never read to its
end. The process has little memory and time, and none of the site's secrets; this one goes on.
"""

import subprocess  # nosec B404  # our own programs alone
import sys

from petitions.documents.own_process import environment
from petitions.intake.draft import Draft
from petitions.intake.files import LARGEST
from petitions.intake.refusals import IntakeError
from petitions.intake.text_apart import AS_LAID_OUT, AS_WRITTEN, REFUSED, SECONDS
from petitions.intake.urgent_action import read_document


def read_paper(data: bytes) -> Draft:
    """Read a file's bytes as `intake` does. Raises IntakeError."""
    return read_document(data, text_apart)


def text_apart(data: bytes, as_laid_out: bool = False) -> str:
    """Return the text of a document, taken out elsewhere. Raises IntakeError."""
    if len(data) > LARGEST:
        raise IntakeError(f"the file is larger than {LARGEST // 1024 // 1024} MB")
    how = AS_LAID_OUT if as_laid_out else AS_WRITTEN
    try:
        ran = subprocess.run(  # nosec B603  # our own program
            [sys.executable, "-P", "-W", "ignore", "-m", "petitions.intake.text_apart"],
            env=environment(),
            input=how + b"\n" + data,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise IntakeError("the file takes too long to be read") from None
    if ran.returncode == REFUSED:
        raise IntakeError(ran.stdout.decode())
    if ran.returncode:
        raise IntakeError("the file takes too much to be read, or is damaged")
    return ran.stdout.decode()
