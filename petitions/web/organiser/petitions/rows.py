"""Rows of a form that repeat, as many as a petition can sensibly have."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flask_babel import gettext
from wtforms import Field, FieldList, Form

_LONGEST = 6
"""Digits of a row's number, and above what anybody sends."""


class Rows(FieldList):  # type: ignore[type-arg]  # generic in its stubs alone
    """Repeated rows. Above `most` they are refused, before anything is made of those above it.

    What the page itself adds to a form that was refused is not counted.
    """

    def __init__(self, unbound_field: Any, *, most: int, **kwargs: Any) -> None:
        super().__init__(unbound_field, **kwargs)
        self.most = most
        self.too_many = False

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        """Return the numbers of the rows that were sent, the first `most` of them."""
        found = set()
        for name in formdata:
            number = name.removeprefix(f"{prefix}-").split("-", 1)[0]
            if name.startswith(f"{prefix}-") and number.isdecimal() and len(number) < _LONGEST:
                found.add(int(number))
        self.too_many = len(found) > self.most
        return islice(sorted(found), self.most)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check each row, and that there are not too many."""
        return super().validate(form, extra_validators) and not self.too_many


def too_many_rows(form: Form) -> str:
    """Return what is said where a form came with too many rows, or nothing."""
    fields: list[Field] = list(form)
    for field in fields:
        if isinstance(field, Rows) and field.too_many:
            words = gettext(
                "At most %(number)s rows fit here. Nothing was saved.", number=field.most
            )
            return str(words)
    return ""
