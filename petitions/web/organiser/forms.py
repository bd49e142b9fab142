"""What forms of the console share: problems in the order of the page, and what was seen.

Plain WTForms: the token against foreign forms is checked for the whole console by the guard.
"""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from wtforms import Form, HiddenField

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""PostgreSQL holds no NUL in a text, and readers no bell."""


def stripped(value: str | None) -> str:
    """Filter of a one-line field: no white space at its ends, and single spaces inside."""
    return " ".join(_CONTROLS.sub(" ", value or "").split())


def tidied(value: str | None) -> str:
    """Filter of a text field: line ends as Unix has them, no white space at its ends."""
    lines = (_CONTROLS.sub("", line).rstrip() for line in (value or "").splitlines())
    return "\n".join(lines).strip()


def row_number(typed: str | None) -> int | None:
    """Return a row's number that an address or a form names; None where no row can have it."""
    text = (typed or "").strip()
    number = int(text) if text.isdecimal() and len(text) < 19 else None
    return number if number is not None and number < 2**31 else None


class ConsoleForm(Form):
    """A form of the console. `seen` is the fingerprint of what the page showed to its reader,
    `window` tells what is typed here from what the same person types elsewhere.
    """

    seen = HiddenField()
    window = HiddenField()

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Read what was sent. A form without its fingerprint was not looked at on our page."""
        super().process(formdata, *args, **kwargs)
        if formdata and not self.seen.data:
            self.seen.data = "missing"
        if not self.window.data:
            self.window.data = secrets.token_hex(10)

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) in the order of the fields, for the summary on top."""
        return list(_problems(self))

    def add_error(self, name: str, message: Any) -> None:
        """Put a message of the domain beside a field."""
        field = self[name]
        field.errors = [*field.errors, str(message)]


def _problems(form: Form) -> Iterable[tuple[str, str]]:
    for field in form:
        for one in getattr(field, "entries", [field]):
            within = getattr(one, "form", None)
            if isinstance(within, Form):
                yield from _problems(within)
            else:
                yield from ((one.id, str(text)) for text in one.errors)
