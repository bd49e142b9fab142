"""Asking a virus scanner about a file that is kept as it came: a receipt in PDF.

The operator names the command. It gets the file on its standard input, and answers as clamscan and
clamdscan do: 0 nothing found, 1 something, anything else that it could not tell.
"""

import subprocess  # nosec B404  # a command of the operator's, given as a list
from collections.abc import Sequence

from petitions.documents.own_process import environment

_LONGEST = 60
"""Seconds: clamscan loads its lists anew for each file, clamdscan answers at once."""


def verdict(command: Sequence[str], content: bytes) -> str:
    """Return "clean", "infected" or "not scanned"; without a command all is taken as clean."""
    if not command:
        return "clean"
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603  # nothing typed is in the command
            list(command),
            input=content,
            capture_output=True,
            env=environment(),
            timeout=_LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "not scanned"
    return {0: "clean", 1: "infected"}.get(done.returncode, "not scanned")
