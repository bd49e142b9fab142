"""What an organiser typed and has not saved: kept for them alone until it is saved or discarded.

It never touches the thing that it was typed for. Each text is told by its page and by the window
in which it was typed, so that none overwrites another.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from petitions.domain.day_keys import insert_of
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import UnsavedText

KEPT_FOR = timedelta(days=30)
"""After it was last kept, it is deleted."""
MOST = 200
"""Texts of one organiser: more are no work in progress."""
Typed = Sequence[tuple[str, str]]


def keep(page: str, organiser_id: int, window: str, typed: Typed, now: datetime) -> None:
    """Keep what a form holds, in place of what this window held before. Raises Refused: "full"."""
    row = {"organiser_id": organiser_id, "page": page, "window": window}
    fields = [list(field) for field in typed]
    if text_at(page, organiser_id, window) is None and _number(organiser_id) >= MOST:
        raise Refused("full")
    db.session.execute(
        insert_of(db.engine.dialect.name, UnsavedText)
        .values(row | {"typed": fields, "kept_at": now})
        .on_conflict_do_update(
            index_elements=["organiser_id", "page", "window"],
            set_={"typed": fields, "kept_at": now},
        )
    )


def texts_at(page: str, organiser_id: int) -> tuple[UnsavedText, ...]:
    """Return what an organiser has typed on a page and not saved, newest first."""
    query = select(UnsavedText).where(_mine(page, organiser_id))
    return tuple(db.session.execute(query.order_by(UnsavedText.kept_at.desc())).scalars())


def text_at(page: str, organiser_id: int, window: str) -> UnsavedText | None:
    """Return what was typed there in one window, or None."""
    query = select(UnsavedText).where(_mine(page, organiser_id), UnsavedText.window == window)
    return db.session.execute(query).scalar_one_or_none()


def discard(page: str, organiser_id: int, window: str) -> None:
    """Forget what was typed in a window: it was saved, or is not wanted. Repeating it is fine."""
    mine = delete(UnsavedText).where(_mine(page, organiser_id), UnsavedText.window == window)
    db.session.execute(mine)


def forget_old(now: datetime) -> None:
    """Delete what nobody came back to."""
    db.session.execute(delete(UnsavedText).where(UnsavedText.kept_at <= now - KEPT_FOR))


def _mine(page: str, organiser_id: int) -> ColumnElement[bool]:
    return (UnsavedText.page == page) & (UnsavedText.organiser_id == organiser_id)


def _number(organiser_id: int) -> int:
    query = select(func.count()).where(UnsavedText.organiser_id == organiser_id)
    return db.session.execute(query).scalar_one()
