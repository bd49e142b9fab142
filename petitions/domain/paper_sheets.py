"""Many entries at once, from a CSV file: all of it, or nothing with what is wrong by line.

The first line names the columns: source, country, number, collected_on, provenance, how_checked.
A row is a count, as of one sheet or one partner. Names on paper stay on paper: nobody on a sheet
has chosen here who may see them.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from petitions.domain import audit
from petitions.domain.paper import PaperEntry, papers_of, refuse_wrong
from petitions.errors import Refused
from petitions.extensions import db
from petitions.i18n import countries
from petitions.models import PaperSignatures, Petition

COLUMNS = ("source", "country", "number", "collected_on", "provenance", "how_checked")
NEEDED = ("source", "number", "provenance")
MOST_BYTES = 512 * 1024
MOST_ROWS = 2000
_Key = tuple[object, ...]
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""PostgreSQL holds no NUL in a text, and readers no bell."""
_LONGEST = {"provenance": 300, "how_checked": 2000}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line (0: in the file as a whole), and with which column."""

    line: int
    column: str
    reason: str


class SheetsRefused(Refused):
    """Nothing was entered; `faults` says why, line by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("faults", "file")
        self.faults = tuple(faults)


def read_sheets(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file with their lines; empty ones are passed over.

    Comma or semicolon, UTF-8 with or without a mark. Raises SheetsRefused: "too large",
    "not UTF-8", "no columns", "unknown column", "too many", "empty", "not CSV".
    """
    if len(content) > MOST_BYTES:
        raise SheetsRefused([Fault(0, "", "too large")])
    try:
        text = _CONTROLS.sub("", content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SheetsRefused([Fault(0, "", "not UTF-8")]) from None
    try:
        rows = list(_rows(text))
    except csv.Error:
        raise SheetsRefused([Fault(0, "", "not CSV")]) from None
    if len(rows) > MOST_ROWS:
        raise SheetsRefused([Fault(0, "", "too many")])
    if not rows:
        raise SheetsRefused([Fault(0, "", "empty")])
    return rows


def enter_sheets(
    petition: Petition, content: bytes, *, organiser_id: int, actor: str, now: datetime
) -> int:
    """Enter all rows of a file; return how many. Raises SheetsRefused with every fault."""
    rows = read_sheets(content)
    known = {_key(row) for row in papers_of(petition.id)}
    faults: list[Fault] = []
    entries: list[PaperEntry] = []
    for line, cells in rows:
        found = _entry(line, cells)
        faults += [one for one in found if isinstance(one, Fault)]
        for entry in (one for one in found if isinstance(one, PaperEntry)):
            fault = _wrong(line, entry, petition, known, now)
            if fault:
                faults.append(fault)
            known.add(_key(entry))
            entries.append(entry)
    if faults:
        raise SheetsRefused(faults)
    about = {"petition_id": petition.id, "entered_by": organiser_id, "entered_at": now}
    db.session.add_all(PaperSignatures(**about, **asdict(entry)) for entry in entries)
    db.session.flush()
    total = sum(entry.number for entry in entries)
    detail = {"entries": len(entries), "number": total}
    audit.record(actor, "paper sheets entered", f"petition {petition.id}", detail, now)
    return len(entries)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    columns = [name.strip().lower() for name in next(reader, [])]
    if missing := [name for name in NEEDED if name not in columns]:
        raise SheetsRefused([Fault(1, name, "no column") for name in missing])
    if unknown := [name for name in columns if name not in COLUMNS or columns.count(name) > 1]:
        raise SheetsRefused([Fault(1, name[:40], "unknown column") for name in unknown])
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            kept = {
                name: " ".join(cell.split()) for name, cell in zip(columns, cells, strict=False)
            }
            yield line, kept | ({"": "more"} if len(cells) > len(columns) else {})
        line = reader.line_num + 1


def _entry(line: int, cells: dict[str, str]) -> list[Fault | PaperEntry]:
    """Return the entry of a row, or what cannot be read of it."""
    faults: list[Fault | PaperEntry] = []
    if "" in cells:
        faults.append(Fault(line, "", "too many cells"))
    number, country = cells.get("number", ""), cells.get("country", "").upper()
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        faults.append(Fault(line, "number", "number"))
    if country and country not in countries():
        faults.append(Fault(line, "country", "country"))
    day: date | None = None
    try:
        day = date.fromisoformat(cells["collected_on"]) if cells.get("collected_on") else None
    except ValueError:
        faults.append(Fault(line, "collected_on", "day"))
    for name, most in _LONGEST.items():
        if len(cells.get(name, "")) > most:
            faults.append(Fault(line, name, "too long"))
    if faults:
        return faults
    texts = cells.get("provenance", ""), cells.get("how_checked", "")
    return [PaperEntry(cells.get("source", "").lower(), country or None, int(number), day, *texts)]


def _wrong(
    line: int, entry: PaperEntry, petition: Petition, known: set[_Key], now: datetime
) -> Fault | None:
    """Return what the rules have against a row."""
    try:
        refuse_wrong(entry, petition, now)
    except Refused as refusal:
        return Fault(line, refusal.field, refusal.reason)
    return Fault(line, "", "twice") if _key(entry) in known else None


def _key(row: PaperEntry | PaperSignatures) -> _Key:
    return tuple(getattr(row, name) for name in COLUMNS)
