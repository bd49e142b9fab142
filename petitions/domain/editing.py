"""Who has the same page of the console open: told early, so that two people need not find out when
the second one saves. It keeps nobody from anything; what saves still compares with what was seen.

A page is its address, from `/organiser/` on: ids and languages, no words of anybody.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update

from petitions.domain.day_keys import insert_of
from petitions.extensions import db
from petitions.models import OpenPage, Organiser

LEASE = timedelta(seconds=90)
"""How long a page counts as open after its last sign of life. Browsers slow down the scripts of
pages in the background, to once a minute."""
LEASE_BY_HAND = timedelta(minutes=15)
"""How long it counts as open where no script says so, but a button that keeps what was typed."""
WRITTEN_EVERY = timedelta(seconds=20)
"""Signs of life that come faster are not written down."""
_MARK, _WINDOWS = 8, 4
"""Signs that stand for a window, and how many windows of one person are told apart."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody else who has the page open, and since when."""

    name: str
    opened_at: datetime


def others_at(page: str, organiser_id: int, now: datetime) -> tuple[Editor, ...]:
    """Return who else has a page open, whoever opened it first first."""
    query = (
        select(Organiser.name, Organiser.email, OpenPage.opened_at)
        .join(OpenPage, OpenPage.organiser_id == Organiser.id)
        .where(OpenPage.page == page, OpenPage.until > now, OpenPage.organiser_id != organiser_id)
        .order_by(OpenPage.opened_at, Organiser.id)
    )
    rows = db.session.execute(query)
    return tuple(Editor(row.name or row.email, row.opened_at) for row in rows)


def is_due(page: str, organiser_id: int, window: str, now: datetime) -> bool:
    """Whether a sign of life is to be written down, or was a moment ago."""
    there = db.session.get(OpenPage, (page, organiser_id))
    if there is None or _mark(window) not in _marks(there):
        return True
    return there.until - now <= LEASE - WRITTEN_EVERY


def keep_open(
    page: str, organiser_id: int, window: str, now: datetime, lease: timedelta = LEASE
) -> None:
    """Note that somebody has a page open, from now on where the last time is over."""
    kept = OpenPage.__table__.c
    there = db.session.get(OpenPage, (page, organiser_id))
    elsewhere = _others(there, window) if there is not None and there.until > now else []
    windows = " ".join([*elsewhere[1 - _WINDOWS :], _mark(window)])
    row = {"page": page, "organiser_id": organiser_id, "window": windows, "opened_at": now}
    opened = case((kept.until > now, kept.opened_at), else_=now)
    db.session.execute(
        insert_of(db.engine.dialect.name, OpenPage)
        .values(row | {"until": now + lease})
        .on_conflict_do_update(
            index_elements=["page", "organiser_id"],
            set_={"window": windows, "opened_at": opened, "until": now + lease},
        )
    )


def has_open(page: str, organiser_id: int, window: str | None = None) -> bool:
    """Whether somebody has a page open, in this window or any."""
    there = db.session.get(OpenPage, (page, organiser_id))
    return there is not None and (window is None or _mark(window) in _marks(there))


def close(page: str, organiser_id: int, window: str | None = None) -> None:
    """Note that somebody has left a page, in this window or all. Repeating it changes nothing.

    Whoever has it open in another window is still there. What a window says as it is left may come
    after the next one said that it is open.
    """
    if not has_open(page, organiser_id, window):
        return
    there = db.session.get_one(OpenPage, (page, organiser_id))
    elsewhere = [] if window is None else _others(there, window)
    mine = (OpenPage.page == page, OpenPage.organiser_id == organiser_id)
    if elsewhere:
        db.session.execute(update(OpenPage).where(*mine).values(window=" ".join(elsewhere)))
    else:
        db.session.execute(delete(OpenPage).where(*mine))


def forget_closed(now: datetime) -> None:
    """Delete what nobody has open any more."""
    db.session.execute(delete(OpenPage).where(OpenPage.until <= now))


def _mark(window: str) -> str:
    """Return what stands for a window: four fit into the column that yesterday's code knows."""
    return hashlib.blake2s(window.encode(), digest_size=_MARK // 2).hexdigest()


def _marks(there: OpenPage) -> list[str]:
    """Return the windows that have a page open, whichever said so for the first time first."""
    return [mark for mark in there.window.split() if len(mark) == _MARK]


def _others(there: OpenPage, window: str) -> list[str]:
    return [mark for mark in _marks(there) if mark != _mark(window)]
