"""Repeated rows of a form: as many as a case can sensibly have, and what is said beyond that."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flask_babel import gettext
from wtforms import FieldList, Form

from petitions.web.organiser.cases.saving import Trouble

_DIGITS = 6


class Rows(FieldList):  # type: ignore[type-arg]  # generic in its stubs alone
    """Repeated rows. A request with more than `most` is refused as a whole, and told so.

    `sent` is how many rows came with the request; those above `most` are not even built.
    """

    def __init__(self, unbound_field: Any, *, most: int, **kwargs: Any) -> None:
        super().__init__(unbound_field, **kwargs)
        self.most = most
        self.sent = 0

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        """Return the numbers of the rows that were sent, the first `most` of them."""
        start = f"{prefix}-"
        numbers = (
            name[len(start) :].split("-", 1)[0] for name in formdata if name.startswith(start)
        )
        found = {
            int(text)
            for text in numbers
            if text.isascii() and text.isdecimal() and len(text) < _DIGITS
        }
        self.sent = len(found)
        return islice(sorted(found), self.most)


def too_many(form: Form) -> Trouble | None:
    """Refuse a form that came with more rows than it has; None where all were read."""
    fields: list[Any] = list(form)
    for field in fields:
        if isinstance(field, Rows) and field.sent > field.most:
            words = gettext(
                "At most %(most)s rows fit here, and %(sent)s came. Nothing is saved. The first"
                " %(most)s are shown below; those after them are not.",
                most=field.most,
                sent=field.sent,
            )
            return Trouble(422, message=words)
    return None


def add_rows(field: Rows, number: int = 3) -> Trouble | None:
    """Add empty rows, as far as they fit; says so where none does."""
    room = field.most - len(field.entries)
    for _ in range(min(number, room)):
        field.append_entry()
    if room > 0:
        return None
    return Trouble(422, message=gettext("At most %(most)s rows fit here.", most=field.most))
