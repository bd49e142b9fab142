"""What gives way under heavy load, in this order, so that signing never has to.

Each is a switch that an organiser or a command turns; it stays until somebody turns it back, and
whoever meets its effects is told of it on the page.
"""

import enum
from datetime import datetime, timedelta

from sqlalchemy import select, update

from petitions.domain import audit, tallies
from petitions.extensions import db
from petitions.models import Relief

SWITCHED_ON, SWITCHED_OFF = "gives way", "gives way no more"
COUNTED_EVERY = timedelta(minutes=1)
"""How often public numbers are added up where they give way."""


class Lane(enum.StrEnum):
    """One thing that can give way, in the order in which it should."""

    PAGES = "pages"
    """Public pages are kept for up to half a minute. Hiding and closing are as fast as ever."""
    NUMBERS = "numbers"
    """Public numbers are added up once a minute."""
    NEWS = "news"
    """News is neither queued nor sent."""
    BUNDLES = "bundles"
    """Builds that are asked for wait; one under way goes on."""
    MAILS = "mails"
    """Each worker sends few mails a second, whatever waits."""


def in_force() -> dict[Lane, Relief]:
    """Return what gives way now, in the order of lanes."""
    rows = {row.name: row for row in db.session.execute(select(Relief)).scalars()}
    return {lane: rows[lane.value] for lane in Lane if lane.value in rows}


def gives_way(lane: Lane) -> bool:
    """Whether this gives way now."""
    query = select(Relief.name).where(Relief.name == lane.value)
    return db.session.execute(query).first() is not None


def switch_on(lane: Lane, actor: str, now: datetime) -> bool:
    """Let it give way; return whether it did not before. The caller commits."""
    if gives_way(lane):
        return False
    if lane is Lane.NUMBERS:
        # Sums alone are public from here: without this they would fall behind what was shown.
        while tallies.add_up() == tallies.MOST:
            pass
    counted_at = now if lane is Lane.NUMBERS else None
    db.session.add(Relief(name=lane.value, since=now, actor=actor, counted_at=counted_at))
    audit.record(actor, SWITCHED_ON, "site", {"what": lane.value}, now)
    return True


def switch_off(lane: Lane, actor: str, now: datetime) -> bool:
    """Let it give way no more; return whether it did. The caller commits."""
    row = db.session.get(Relief, lane.value)
    if row is None:
        return False
    db.session.delete(row)
    audit.record(actor, SWITCHED_OFF, "site", {"what": lane.value}, now)
    return True


def numbers_counted_at() -> datetime | None:
    """Return when public numbers were last added up, or None where they do not give way."""
    query = select(Relief.counted_at).where(Relief.name == Lane.NUMBERS.value)
    return db.session.execute(query).scalar_one_or_none()


def note_counted(now: datetime) -> None:
    """Note that all was added up, for the pages that say so."""
    db.session.execute(
        update(Relief).where(Relief.name == Lane.NUMBERS.value).values(counted_at=now)
    )
