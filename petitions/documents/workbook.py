"""Office Open XML workbooks with text cells only; knows rows of strings, nothing of signatures.

rustpy-xlsxwriter streams from a generator (4 times the cost of reading the rows, where openpyxl
takes 33 times) and writes strings as inline strings. It stamps the time of writing into the file;
here that is replaced, so that the same rows give the same bytes.
"""

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import write_worksheets

SheetEntry = tuple[str, Iterable[dict[str, Any]]]

SHEET_ROWS = 1_048_575
"""Excel's 1,048,576 rows of a sheet, less the header."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_CORE_PROPERTIES = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties \
xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"""


class TooManyRows(ValueError):
    """More rows came than were announced, so no sheet was left for them."""


def write_workbook(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    announced: int | None = None,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Write rows of text under a header into as many sheets as `announced` needs; return the rows.

    Raises TooManyRows instead of cutting anything.
    """
    source = _Counted(rows)
    sheets = max(1, -(-(announced or 0) // sheet_rows))
    raw = path.with_name(path.name + ".part")
    try:
        records = [_records(columns, islice(source, sheet_rows)) for _ in range(sheets)]
        _write_sheets(records, raw)
        if next(iter(source), None) is not None:
            raise TooManyRows(f"more than {source.rows - 1} rows came")
        _without_clock(raw, path)
    finally:
        raw.unlink(missing_ok=True)
    return source.rows


class _Counted:
    """An iterator that knows how many rows went through it."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._rows = iter(rows)
        self.rows = 0

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> Sequence[str]:
        row = next(self._rows)
        self.rows += 1
        return row


def _records(
    columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[dict[str, str | None]]:
    empty = True
    for row in rows:
        empty = False
        yield dict(zip(columns, row, strict=True))
    if empty:  # the header is taken from the first record, so there has to be one
        yield dict.fromkeys(columns)


def _write_sheets(sheets: list[Iterator[dict[str, str | None]]], path: Path) -> None:
    # The writer takes all rows of a sheet before the next sheet's first: they may share a source.
    named: list[SheetEntry] = [(f"Signatures {at}", sheet) for at, sheet in enumerate(sheets, 1)]
    write_worksheets(named, str(path), freeze_panes={"general": {"row": 1, "col": 0}})


def _without_clock(raw: Path, path: Path) -> None:
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.file_size = member.file_size
            if member.filename == "docProps/core.xml":
                target.writestr(info, _CORE_PROPERTIES)
                continue
            with source.open(member) as old, target.open(info, "w") as new:
                shutil.copyfileobj(old, new, 1 << 20)
