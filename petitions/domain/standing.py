"""How a petition stands, in one look: all that signing and confirming need to know of it.

Pages load petitions and cases whole. Whoever signs needs eight values, thousands of times a minute.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from petitions.domain.prepared import Prepared
from petitions.errors import CaseHidden, NotFound
from petitions.models import AfterDeadline, Case, Deadlines, Petition, PetitionState


@dataclass(frozen=True, slots=True)
class Standing(Deadlines):
    """A published petition, as far as signing is concerned."""

    id: int
    case_id: int
    slug: str
    state: PetitionState
    time_zone: str
    deadline_on: date | None
    after_deadline: AfterDeadline


_BY_SLUG = Prepared(
    lambda _: (
        select(
            Petition.id,
            Petition.case_id,
            Petition.slug,
            Petition.state,
            Petition.time_zone,
            Petition.deadline_on,
            Petition.after_deadline,
            Case.hidden_at,
        )
        .join(Case, Case.id == Petition.case_id)
        .where(Petition.slug == bindparam("slug"), Petition.state != PetitionState.DRAFT)
    )
)


def standing_of(slug: str) -> Standing:
    """Return how a published petition stands. Raises NotFound, CaseHidden."""
    row = _BY_SLUG.row(slug=slug)
    if row is None:
        raise NotFound("no such petition")
    petition_id, case_id, slug, state, zone, last_day, after, hidden_at = row
    if hidden_at is not None:
        raise CaseHidden(f"case {case_id} is hidden")
    return Standing(
        petition_id,
        case_id,
        slug,
        PetitionState(state),
        zone,
        _day(last_day),
        AfterDeadline(after),
    )


def _day(stored: Any) -> date | None:
    """Return a day as the driver gives it: SQLite keeps it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored
