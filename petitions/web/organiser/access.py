"""Who may use a page of the console. Every view says so; a view that does not is refused.

`@allowed(Right.EDIT)` stands right above the function, below the route. `fresh=True` asks for the
password again where it was typed long ago. `edits=True` marks what saves a form that two people may
have open at once (editing.py). `unattended=True` marks what a page sends by itself: it does not
count as somebody being there. `narrows=True` marks a page whose address names nothing
of a case, and which shows whoever is limited to some cases those alone (reaching.py); without it
they are refused.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flask import g

from petitions.domain.rights import Right
from petitions.models import Organiser

P = ParamSpec("P")
R = TypeVar("R")


class Door(enum.StrEnum):
    """Pages that need no right: for everybody, or for whoever is signed in."""

    EVERYBODY = "everybody"
    SIGNED_IN = "whoever is signed in"


@dataclass(frozen=True, slots=True)
class Need:
    """What a view needs of whoever asks for it."""

    of: Right | Door
    fresh: bool = False
    largest: int | None = None
    edits: bool = False
    unattended: bool = False
    narrows: bool = False


def allowed(
    of: Right | Door,
    *,
    fresh: bool = False,
    largest: int | None = None,
    edits: bool = False,
    unattended: bool = False,
    narrows: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say who may use a view. `largest` is the size of a request in bytes, where files come in."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.may_use = Need(of, fresh, largest, edits, unattended, narrows)  # type: ignore[attr-defined]  # read by `need_of`
        return view

    return mark


def need_of(view: object) -> Need | None:
    """Return what a view says of itself, or None where it says nothing."""
    found = getattr(view, "may_use", None)
    return found if isinstance(found, Need) else None


def organiser() -> Organiser:
    """Return who is signed in. Only for views that need somebody to be."""
    found = g.get("organiser")
    if not isinstance(found, Organiser):
        raise RuntimeError("nobody is signed in: this view says that it is for everybody")
    return found


def actor() -> str:
    """Return how the audit trail calls whoever is signed in."""
    return f"organiser {organiser().id}"


def may(right: Right) -> bool:
    """Whether whoever is signed in has a right. Templates use it too."""
    return right in g.get("rights", frozenset())


def must_have_second_step() -> bool:
    """Whether whoever is signed in may not do without the second step."""
    return bool(g.get("must_have_second_step", False))
