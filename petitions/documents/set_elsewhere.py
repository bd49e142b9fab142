"""Setting one letter in a process of its own: JSON in on standard input, the PDF back out.

typst keeps what it has set, and what asks for a letter is a web server that lives long.
"""

import json
import subprocess  # nosec B404  # our own programs alone
import sys
from collections.abc import Callable, Mapping
from typing import Any

from petitions.documents.own_process import environment
from petitions.documents.typesetting import TypesettingProblem, UnprintableText

_UNPRINTABLE = 3


def pdf_from(module: str, given: Mapping[str, Any], seconds: float) -> bytes:
    """Run a module of this package on what is given, and return the PDF that it answers with.

    Raises UnprintableText, with the characters, where no installed font has them, and
    TypesettingProblem, also where it takes too long.
    """
    try:
        ran = subprocess.run(  # noqa: S603  # nosec B603  # our own module
            [sys.executable, "-P", "-m", module],
            env=environment(),
            input=json.dumps(given).encode(),
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise TypesettingProblem("the letter took too long to be set") from None
    if ran.returncode == _UNPRINTABLE:
        raise UnprintableText(ran.stdout.decode())
    if ran.returncode:
        # What the process wrote to its error output may quote the letter: not passed on.
        raise TypesettingProblem(f"the letter could not be set (exit status {ran.returncode})")
    return ran.stdout


def answer(set_letter: Callable[[dict[str, Any]], bytes]) -> int:
    """Be that process: set what stands on standard input; return the exit status."""
    given = json.load(sys.stdin)
    try:
        pdf = set_letter(given)
    except UnprintableText as problem:
        sys.stdout.buffer.write(problem.characters.encode())
        return _UNPRINTABLE
    sys.stdout.buffer.write(pdf)
    return 0
