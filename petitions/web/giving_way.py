"""What gives way under heavy load, for the pages that say so: asked for at most once a second."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from flask import Flask, current_app, g

from petitions.domain import relief
from petitions.domain.relief import Lane

_KEPT_FOR = 0.8
_NAME = "petitions.giving_way"


@dataclass(frozen=True, slots=True)
class GivingWay:
    """What a page may have to say."""

    lanes: frozenset[Lane] = frozenset()
    counted_at: datetime | None = None
    """When public numbers were last added up, where they give way."""


_NOTHING = GivingWay()


def register(app: Flask) -> None:
    """Begin without a look."""
    app.extensions[_NAME] = (float("-inf"), _NOTHING)


def giving_way() -> GivingWay:
    """Return what gives way now, at most a second old."""
    read_at, kept = current_app.extensions[_NAME]
    if not (g.get("database_failed") or monotonic() - read_at < _KEPT_FOR):
        rows = relief.in_force()
        numbers = rows.get(Lane.NUMBERS)
        kept = GivingWay(frozenset(rows), numbers.counted_at if numbers else None)
        current_app.extensions[_NAME] = (monotonic(), kept)
    found: GivingWay = kept
    return found
