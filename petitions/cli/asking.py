"""Asking for secrets: on a terminal without echo, else line by line from a pipe. Never arguments:
other users of the machine see those, and the shell writes them down.
"""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TextIO

import click

from petitions.cli.saying import note

from_descriptor = click.option(
    "--passphrase-fd",
    "descriptor",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read passphrases from this file descriptor, one a line.",
)
"""Option of a command that unlocks; standard input is read where it is no terminal."""


class Asking:
    """Asks one question after another, at one place."""

    def __init__(self, descriptor: int | None) -> None:
        self._lines: TextIO | None = None
        if descriptor is not None:
            self._lines = os.fdopen(os.dup(descriptor), encoding="utf-8")
            click.get_current_context().call_on_close(self._lines.close)
        elif not sys.stdin.isatty():
            self._lines = sys.stdin

    @property
    def is_terminal(self) -> bool:
        """Whether somebody sits there, who can be asked twice."""
        return self._lines is None

    def secret(self, question: str) -> str:
        """Return a secret. Raises UsageError where none came."""
        if self._lines is None:
            return str(click.prompt(question, hide_input=True, err=True))
        return self._line(question)

    def new_secret(self, question: str) -> str:
        """Return a new secret; on a terminal it is typed twice."""
        if self._lines is None:
            again = f"{question}, once more"
            answer = click.prompt(question, hide_input=True, confirmation_prompt=again, err=True)
            return str(answer)
        return self._line(question)

    def line(self, question: str) -> str:
        """Return something that may be seen, but does not belong on a command line."""
        if self._lines is None:
            return str(click.prompt(question, err=True)).strip()
        return self._line(question)

    def sure(self, question: str) -> None:
        """Go on only where somebody says yes; a pipe has said so by being one."""
        if self._lines is None and not click.confirm(question, err=True):
            raise click.Abort

    def written_down(self, recovery_key: str) -> None:
        """Go on only once the last group of a recovery key is typed; a pipe is believed."""
        while self._lines is None:
            typed = str(click.prompt("Type its last four letters", err=True))
            if typed.strip().upper() == recovery_key[-4:]:
                return
            note("These are not its last four letters.")

    def _line(self, question: str) -> str:
        assert self._lines is not None  # noqa: S101  # nosec B101  # asked for where there are lines
        answer = self._lines.readline().rstrip("\r\n")
        if not answer:
            raise click.UsageError(f"nothing came for: {question}")
        return answer


def asks(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option, and an `Asking` under the name `asking`."""

    @wraps(command)
    def asked(*args: Any, descriptor: int | None, **kwargs: Any) -> Any:
        return command(*args, asking=Asking(descriptor), **kwargs)

    return from_descriptor(asked)
