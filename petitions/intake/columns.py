"""Columns that a text shows side by side are read one after the other."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from petitions.intake.contacts import label_at_start
from petitions.intake.labels import label_of
from petitions.intake.sections import is_identity
from petitions.intake.text import Line, fold

# A label's own gap ("Fax:      +7 …") parts no columns.
_GAP = re.compile(r"(?<=[^\s:])\s{3,}(?=\S)")
_NEAR = 10


def columns_apart(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with the addresses under "Appeals to" column by column."""
    start = _begin(lines)
    if start is None:
        return list(lines)
    end = start
    while end < len(lines) and not _ends(lines[end]):
        end += 1
    return [*lines[:start], *_apart(lines[start:end]), *lines[end:]]


def _begin(lines: Sequence[Line]) -> int | None:
    for at in range(len(lines)):
        for length in (1, 2, 3):
            window = lines[at : at + length]
            found = label_of(fold(" ".join(line.text for line in window)))
            if found and found.name == "to":
                return at + length
    return None


def _ends(line: Line) -> bool:
    found = label_of(line.folded)
    return is_identity(line) or (found is not None and found.name in {"more", "people", "form"})


def _cells(line: Line) -> list[tuple[int, str]]:
    cells, start = [], len(line.wide) - len(line.wide.lstrip())
    for gap in _GAP.finditer(line.wide, start):
        cells.append((start, line.wide[start : gap.start()]))
        start = gap.end()
    return [*cells, (start, line.wide[start:])]


def _apart(lines: Sequence[Line]) -> list[Line]:
    rows = [_cells(line) for line in lines]
    if sum(len(row) > 1 for row in rows) < 3:
        return list(lines)
    last = max(at for at, row in enumerate(rows) if len(row) > 1)
    second = min(row[1][0] for row in rows if len(row) > 1)
    while last + 1 < len(rows) and (
        rows[last + 1][0][0] >= second or _goes_on_below(lines[last + 1])
    ):
        last += 1
    if last + 1 < len(rows):
        return [*_apart(lines[: last + 1]), *lines[last + 1 :]]
    borders = _borders(rows)
    if borders is not None:
        places = [[_nearest(borders, start) for start, _ in row] for row in rows]
    else:
        usual, count = Counter(len(row) for row in rows).most_common(1)[0]
        torn = max(len(row) for row in rows) > usual  # whose is the third cell of two columns?
        if usual < 2 or torn or count * 10 < len(rows) * 6:
            return list(lines)
        places = [list(range(len(row))) for row in rows]
    columns: dict[int, list[Line]] = {}
    for line, row, where in zip(lines, rows, places, strict=True):
        for (_, text), place in zip(row, where, strict=True):
            tidy = " ".join(text.split())
            columns.setdefault(place, []).append(replace(line, text=tidy, wide=tidy))
    read: list[Line] = []
    for _, column in sorted(columns.items()):
        read += [replace(column[0], gap=max(column[0].gap, 2)), *column[1:]]
    return read


def _goes_on_below(line: Line) -> bool:
    """Right under the last row, "Fax: …" belongs to the first column, which is the longest."""
    return line.gap == 0 and label_at_start(line.text) is not None


def _borders(rows: Sequence[Sequence[tuple[int, str]]]) -> list[int] | None:
    """Where columns begin, if the rows' cells begin at the same places; otherwise None."""
    borders: list[list[int]] = []
    for start in sorted(start for row in rows for start, _ in row):
        if not borders or start - borders[-1][0] > _NEAR:
            borders.append([])
        borders[-1].append(start)
    kept = [min(places) for places in borders]
    for row in rows:
        where = [_nearest(kept, start) for start, _ in row]
        if len(set(where)) != len(where):
            return None
    return kept if 2 <= len(kept) <= 4 and all(len(places) >= 2 for places in borders) else None


def _nearest(borders: Sequence[int], start: int) -> int:
    return max((at for at, border in enumerate(borders) if border <= start), default=0)
