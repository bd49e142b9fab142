"""What decides from one moment to the next whether a page may be shown: few columns, one look.

Whoever keeps pages asks this often. All else on a page may be a few seconds old.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from petitions.extensions import db
from petitions.models import Case, CountryNotice, Petition, PetitionState, Relief, day_after


@dataclass(frozen=True, slots=True)
class PublicState:
    """Equal states let the same pages be shown, until `ends_at` if that is known."""

    rows: tuple[object, ...]
    ends_at: datetime | None
    """The next end of a last day: pages made before it must not be shown from then on."""
    gives_way: frozenset[str] = frozenset()
    """What gives way to heavy load: pages say so, and are kept longer or not."""


def public_state(now: datetime) -> PublicState:
    """Read which cases are published and hidden, how petitions stand, and who is closed out."""
    cases = select(Case.id, Case.published_at, Case.hidden_at).order_by(Case.id)
    petitions = (
        select(
            Petition.id,
            Petition.slug,
            Petition.state,
            Petition.stop_reason,
            Petition.deadline_on,
            Petition.time_zone,
            Petition.after_deadline,
        )
        .where(Petition.state != PetitionState.DRAFT)
        .order_by(Petition.id)
    )
    closed = select(CountryNotice.petition_id, CountryNotice.country).where(CountryNotice.closed)
    gives_way = frozenset(db.session.execute(select(Relief.name)).scalars())
    found = tuple(db.session.execute(petitions).all())
    ends = [end_of(row.deadline_on, row.time_zone) for row in found if row.deadline_on]
    ends_at = min((end for end in ends if end > now), default=None)
    rows = (
        tuple(db.session.execute(cases).all()),
        found,
        frozenset(db.session.execute(closed).all()),
    )
    return PublicState((*rows, ends_at), ends_at, gives_way)


@lru_cache(maxsize=4096)
def end_of(day: date, time_zone: str) -> datetime:
    """Return the first moment after a day, in a time zone."""
    after = day_after(day)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(time_zone))
