"""The directory of officials as CSV, and its cells as they were: no spreadsheet reads a formula.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, "+998 71" is one;
reading takes exactly that apostrophe away again, so that what was written comes back as it was.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from petitions.documents.record import FORMULA_SIGNS

FACTS = (
    "kind",
    "represents",
    "country",
    "accredited",
    "postal_lines",
    "emails",
    "faxes",
    "phones",
    "pages",
    "preferred_language",
    "submission_notes",
    "checked_on",
)
"""What is known of an official in whatever language."""
WORDS = ("office", "name", "organisation", "salutation", "form_of_address")
"""How an official is named and addressed in the language of the row."""
COLUMNS = ("id", "slug", "language", *WORDS, *FACTS)

_BLANK = "(?:[^\\S\\t\\r\\n]|[\u200b-\u200f\u2066-\u2069\ufeff])*"
_BEGINS = f"(?='*(?:{_BLANK}[{FORMULA_SIGNS}]|[\\t\\r\\n]))"
_AT_RISK = re.compile(f"(^|[;\\t\\r\\n]){_BEGINS}")
_GUARDED = re.compile(f"(^|[;\\t\\r\\n])'{_BEGINS}")


def directory_lines(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The directory as RFC 4180 CSV (CRLF), a row at a time. What a row lacks is an empty cell."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        yield _taken(line)
        writer.writerow([guarded(row.get(name, "")) for name in COLUMNS])
    yield _taken(line)


def guarded(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to read a formula."""
    return _AT_RISK.sub(r"\1'", text)


def unguarded(text: str) -> str:
    """The text as it was before `guarded`."""
    return _GUARDED.sub(r"\1", text)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
