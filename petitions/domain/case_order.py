"""Letting a row of a case (a person, a picture) change places with its neighbour."""

from collections.abc import Sequence
from typing import TypeVar

from petitions.extensions import db
from petitions.models import Person, Picture

Placed = TypeVar("Placed", Person, Picture)


def move_row(row: Placed, rows: Sequence[Placed], up: bool) -> bool:
    """Swap a row's position with the one before or after it; False at the end of the line."""
    place = rows.index(row)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return False
    neighbour = rows[other]
    mine, theirs = row.position, neighbour.position
    row.position = -row.id  # positions are unique at every moment, not at the end alone
    db.session.flush()
    neighbour.position = mine
    db.session.flush()
    row.position = theirs
    db.session.flush()
    return True
