"""The directory of officials as a sheet: its rows going out, and what a file's cells say coming in.

One row for each official and language. The first row of an official carries its facts, further
rows carry its words in other languages. What a cell says is read here and judged elsewhere.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from petitions.documents.directory import COLUMNS, FACTS, WORDS, unguarded
from petitions.domain.official_facts import OfficialFacts, facts_of, plain, words_of
from petitions.domain.official_lists import texts_of
from petitions.domain.officials import get_official
from petitions.errors import Refused
from petitions.i18n import countries, language_name
from petitions.models import OfficialKind

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""PostgreSQL holds no NUL in a text, and readers no bell."""
MOST_BYTES = 384 * 1024
MOST_ROWS = 1000
_LISTS = ("emails", "faxes", "phones", "pages")
_LONG = (*_LISTS, "postal_lines", "submission_notes")
"""Cells of several lines; of every other cell the lines are put together."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line (0: in the file as a whole), and with which column."""

    line: int
    column: str
    reason: str
    alike: tuple[int, ...] = ()
    """Officials that are like the one of this line."""


class SheetRefused(Refused):
    """Nothing was written; `faults` says why, line by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("faults", "file")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as read: only the columns that the file has. `language` is None where it says none."""

    line: int
    id: int | None
    slug: str
    language: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetOfficial:
    """The rows of one official, the one with its facts first."""

    head: SheetRow
    others: tuple[SheetRow, ...] = ()


def sheet_rows(official_ids: Collection[int]) -> Iterator[dict[str, str]]:
    """Return the rows of officials, those with their facts in the language of the paper."""
    for official_id in official_ids:
        official = get_official(official_id)
        texts = texts_of(official.id)
        common = {"id": str(official.id), "slug": official.slug}
        source = texts.pop(official.source_language)
        for text in (source, *texts.values()):
            told = words_of(text)
            row = common | {"language": text.language}
            row |= {name: getattr(told, name) for name in WORDS}
            yield row | (_fact_cells(facts_of(official)) if text is source else {})


def read_directory(content: bytes) -> list[SheetOfficial]:
    """Return the officials of a file, in its order; rows without anything are passed over.

    Comma or semicolon, UTF-8 with or without a mark. Raises SheetRefused with every fault.
    """
    if len(content) > MOST_BYTES:
        raise SheetRefused([Fault(0, "", "too large")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetRefused([Fault(0, "", "not UTF-8")]) from None
    faults: list[Fault] = []
    try:
        rows = [_row(line, cells, faults) for line, cells in _cells(text)]
    except csv.Error:
        raise SheetRefused([Fault(0, "", "not CSV")]) from None
    if len(rows) > MOST_ROWS:
        raise SheetRefused([Fault(0, "", "too many rows")])
    if not rows:
        raise SheetRefused([Fault(0, "", "empty")])
    officials = _together(rows, faults)
    if faults:
        raise SheetRefused(sorted(faults, key=lambda fault: fault.line))
    return officials


def _fact_cells(facts: OfficialFacts) -> dict[str, str]:
    cells = {}
    for name in FACTS:
        value = plain(getattr(facts, name))
        between = " " if name == "accredited" else "\n"
        cells[name] = between.join(value) if isinstance(value, list) else str(value or "")
    return cells


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    columns = [name.strip().lower() for name in next(reader, [])]
    if "office" not in columns and "id" not in columns:
        raise SheetRefused([Fault(1, "office", "no column")])
    if unknown := [name for name in columns if name not in COLUMNS or columns.count(name) > 1]:
        raise SheetRefused([Fault(1, name[:40], "unknown column") for name in unknown])
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            kept = {name: _cell(name, cell) for name, cell in zip(columns, cells, strict=False)}
            yield line, kept | ({"": "more"} if len(cells) > len(columns) else {})
        line = reader.line_num + 1


def _cell(name: str, cell: str) -> str:
    cell = unguarded(cell)
    if name in _LONG:
        lines = (_CONTROLS.sub("", line).rstrip() for line in cell.splitlines())
        return "\n".join(lines).strip("\n")
    cell = _CONTROLS.sub(" ", cell)
    return " ".join(cell.split())


def _row(line: int, cells: dict[str, str], faults: list[Fault]) -> SheetRow:
    """Return a row; what cannot be read of it is a fault, and stays out of it."""
    if "" in cells:
        faults.append(Fault(line, "", "too many cells"))
    number, language = cells.get("id", ""), cells.get("language", "")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 10):
        faults.append(Fault(line, "id", "no such official"))
        number = ""
    if language and language_name(language) == language:
        faults.append(Fault(line, "language", "not a language"))
    facts: dict[str, Any] = {}
    for name in FACTS:
        if name in cells:
            try:
                facts[name] = _fact(name, cells[name])
            except Refused as refused:
                faults.append(Fault(line, name, refused.reason))
    words = {name: cells[name] for name in WORDS if name in cells}
    own = int(number) if number else None
    return SheetRow(line, own, cells.get("slug", ""), language or None, facts, words)


def _fact(name: str, cell: str) -> Any:
    """Return what a cell says. Raises Refused."""
    match name:
        case "kind":
            if cell and cell not in {kind.value for kind in OfficialKind}:
                raise Refused("not a kind")
            return OfficialKind(cell or OfficialKind.OFFICE)
        case "represents" | "country":
            return _country(cell) if cell else None
        case "accredited":
            return tuple(sorted({_country(code) for code in cell.replace(",", " ").split()}))
        case "preferred_language":
            if cell and language_name(cell) == cell:
                raise Refused("not a language")
            return cell or None
        case "checked_on":
            try:
                return date.fromisoformat(cell) if cell else None
            except ValueError:
                raise Refused("not a day") from None
        case _ if name in _LISTS:
            return tuple(line.strip() for line in cell.splitlines() if line.strip())
    return cell


def _country(code: str) -> str:
    if code.upper() not in countries():
        raise Refused("not two letters")
    return code.upper()


def _together(rows: Sequence[SheetRow], faults: list[Fault]) -> list[SheetOfficial]:
    """Put the rows of one official together: those with its id, or without one with its slug."""
    found: dict[object, list[SheetRow]] = {}
    for row in rows:
        key = row.id or row.slug or ("line", row.line)
        group = found.setdefault(key, [])
        if group:
            _check_further(row, group, faults)
        group.append(row)
    return [SheetOfficial(head, tuple(others)) for head, *others in found.values()]


def _check_further(row: SheetRow, group: Sequence[SheetRow], faults: list[Fault]) -> None:
    head = group[0]
    if row.language is None:
        faults.append(Fault(row.line, "language", "language needed"))
    elif row.language in {one.language for one in group}:
        faults.append(Fault(row.line, "language", "twice"))
    for name, value in row.facts.items():
        if value not in (None, "", (), OfficialKind.OFFICE) and value != head.facts.get(name):
            faults.append(Fault(row.line, name, "facts in the first row"))
