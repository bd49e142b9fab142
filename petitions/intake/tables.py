"""A table's cells as lines: officials stand in its cells, in its columns, or in a form."""

from collections.abc import Sequence

from petitions.intake.blocks import is_form_label
from petitions.intake.contacts import label_at_start

Rows = Sequence[Sequence[Sequence[str]]]  # rows of cells of lines
_FEWEST = 4  # rows of which each has one line of every official


def lines_of(rows: Rows) -> list[str]:
    """Return the lines; a blank one ends each cell, column or form."""
    told = [row for row in rows if any(any(cell) for cell in row)]
    if _is_form(told):
        return [*_form(told), ""]
    if _has_head(told):
        return [line for row in told[1:] for line in [*_under_head(told[0], row), ""]]
    if _stands_in_columns(told):
        columns = ([cell[0] for cell in column if cell] for column in zip(*told, strict=True))
        return [line for column in columns for line in [*column, ""]]
    return [line for row in told for cell in row for line in [*cell, ""]]


def _is_form(rows: Rows) -> bool:
    """ "Office | Minister of Justice", "Fax | +7 …": labels in the first of two columns."""
    if len(rows) < 2 or any(len(row) != 2 for row in rows):
        return False
    labels = [" ".join(row[0]).strip(" :") for row in rows]
    known = sum(is_form_label(f"{label}:") or _is_contact(label) for label in labels)
    return known * 2 > len(rows) and all(len(label.split()) < 5 for label in labels)


def _has_head(rows: Rows) -> bool:
    """ "Office | Name | Address | Fax" above one official in each row."""
    if len(rows) < 2 or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    heads = [" ".join(cell).strip(" :") for cell in rows[0]]
    known = [is_form_label(f"{head}:") or _is_contact(head) for head in heads]
    return sum(known) >= 2 and all(len(head.split()) < 4 for head in heads)


def _under_head(heads: Sequence[Sequence[str]], row: Sequence[Sequence[str]]) -> list[str]:
    lines = []
    for head, cell in zip(heads, row, strict=True):
        label = " ".join(head).strip(" :")
        for line in cell:
            bare = label_at_start(line) is not None or not _is_contact(label)
            lines.append(line if bare else f"{label}: {line}")
    return lines


def _is_contact(label: str) -> bool:
    return label_at_start(f"{label}:") is not None


def _form(rows: Rows) -> list[str]:
    lines = []
    for label, value in rows:
        first = " ".join(label).strip(" :")
        lines += [f"{first}: {value[0]}" if first else value[0], *value[1:]] if value else []
    return lines


def _stands_in_columns(rows: Rows) -> bool:
    """Whether each row has one line of each official: then a column is an official."""
    widths = {len(row) for row in rows}
    if len(rows) < _FEWEST or len(widths) != 1 or widths == {1}:
        return False
    if any(len(cell) > 1 for row in rows for cell in row):
        return False
    columns = list(zip(*rows, strict=True))
    return all(any(cell and label_at_start(cell[0]) for cell in column) for column in columns)
