"""The record part's data files: the list's entries as CSV, XLSX and JSON Lines.

Entries without a number (counted ones) are left out; that is all that is left out. Everything
streams from an iterator. What an addressee is handed is written elsewhere.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TextIO

from petitions.documents.entries import HANDOVER_COLUMNS, RECORD_COLUMNS, Entry
from petitions.documents.workbook import write_workbook

# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV Injection), and Gnumeric one
# that reads #REF! for a formula gone wrong. A semicolon inside a field begins a new cell where the
# reader's list separator is one, so what follows counts too.
FORMULA_SIGNS = "-=+@#\uff0d\uff1d\uff0b\uff20\ufe63\ufe66\ufe62\ufe6b"
_FORMULA = re.compile(
    f"(^|[;\\t\\r\\n])(?=[\\s\u200b-\u200f\u2066-\u2069\ufeff]*[{FORMULA_SIGNS}]|[\\t\\r\\n])"
)


_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_day = lru_cache(maxsize=4096)(date.isoformat)


def write_csv(entries: Iterable[Entry], file: TextIO) -> int:
    """Write RFC 4180 CSV (UTF-8 without BOM, CRLF) with RECORD_COLUMNS; return the rows.

    `file` must be open with newline="". Cells that a spreadsheet would take for a formula get an
    apostrophe in front; the JSON Lines file holds the original.
    """
    return _feed(CsvRows(file).add, entries)


def handover_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The list that is handed over, as CSV with HANDOVER_COLUMNS, a line (CRLF) at a time.

    For offices whose rules ask for an electronic list. It holds what the printed one holds, and is
    as safe for spreadsheets as the record's.
    """
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    for cells in chain([HANDOVER_COLUMNS], (row(one)[:4] for one in entries if one.number)):
        writer.writerow([without_formulas(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def write_jsonl(entries: Iterable[Entry], file: TextIO) -> int:
    """Write a JSON object a line, keyed by RECORD_COLUMNS, original texts; return the rows."""
    return _feed(JsonRows(file).add, entries)


def write_xlsx(entries: Iterable[Entry], path: Path, *, rows: int | None = None) -> int:
    """Write an Office Open XML workbook of typed string cells, never formulas or links.

    `rows` is how many rows will come: past 1,048,575 they go on in further sheets. Returns them.
    Raises TooManyRows where more come than were announced; nothing is cut in silence.
    """
    return write_workbook(
        path,
        RECORD_COLUMNS,
        (row(entry) for entry in entries if entry.number is not None),
        announced=rows,
    )


def row(entry: Entry) -> tuple[str, str, str, str, str, str]:
    """One entry as the text cells of RECORD_COLUMNS."""
    return (
        str(entry.number),
        entry.name,
        entry.place,
        entry.country,
        _day(entry.signed_on),
        entry.verified_by,
    )


def without_formulas(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to read a formula."""
    return _FORMULA.sub(r"\1'", text)


class CsvRows:
    """Writes the header at once and a CSV row for each numbered entry added."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(RECORD_COLUMNS)

    def add(self, entry: Entry) -> bool:
        if entry.number is None:
            return False
        number, name, place, *ours = row(entry)  # what is ours holds no formula
        self._writer.writerow([number, without_formulas(name), without_formulas(place), *ours])
        return True


class JsonRows:
    """Writes a JSON line for each numbered entry added."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def add(self, entry: Entry) -> bool:
        if entry.number is None:
            return False
        line = dict(zip(RECORD_COLUMNS, (entry.number, *row(entry)[1:]), strict=True))
        self._file.write(_AS_JSON(line) + "\n")
        return True


def _feed(add: Callable[[Entry], bool], entries: Iterable[Entry]) -> int:
    return sum(add(entry) for entry in entries)
