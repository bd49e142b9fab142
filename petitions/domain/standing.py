"""How a petition stands, in one look: all that signing needs to know of it.

Pages load petitions and cases whole. Whoever signs needs a row of values, thousands of times a
minute; on PostgreSQL each question is a way over the network and back.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, and_, bindparam, select

from petitions.domain.case_keys import KeyLook
from petitions.domain.country_notices import closed_in
from petitions.domain.prepared import Prepared
from petitions.errors import CaseHidden, NotFound
from petitions.models import (
    AfterDeadline,
    Case,
    CaseKey,
    ConsentVersion,
    Deadlines,
    Petition,
    PetitionState,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class Standing(Deadlines):
    """A published petition, as far as one form is concerned.

    `closed` says whether nobody of the form's country can sign; a version that the form names and
    that was never published is None, and so is the key of a case that has none.
    """

    id: int
    case_id: int
    slug: str
    state: PetitionState
    time_zone: str
    deadline_on: date | None
    after_deadline: AfterDeadline
    closed: bool
    text_id: int | None
    consent_id: int | None
    key: KeyLook | None


def _look(_dialect: str) -> ClauseElement:
    return (
        select(
            Petition.id,
            Petition.case_id,
            Petition.slug,
            Petition.state,
            Petition.time_zone,
            Petition.deadline_on,
            Petition.after_deadline,
            Case.hidden_at,
            closed_in(Petition.id, bindparam("country")).label("closed"),
            TextVersion.id.label("text_id"),
            ConsentVersion.id.label("consent_id"),
            CaseKey.ref,
            CaseKey.mode,
            CaseKey.destroyed_at,
        )
        .join(Case, Case.id == Petition.case_id)
        .outerjoin(CaseKey, CaseKey.case_id == Petition.case_id)
        .outerjoin(TextVersion, _published(TextVersion, "text_number"))
        .outerjoin(ConsentVersion, _published(ConsentVersion, "consent_number"))
        .where(Petition.slug == bindparam("slug"), Petition.state != PetitionState.DRAFT)
    )


def _published(
    version: type[TextVersion] | type[ConsentVersion], number: str
) -> ColumnElement[bool]:
    return and_(
        version.petition_id == Petition.id,
        version.number == bindparam(number),
        version.published_at.is_not(None),
    )


_LOOK = Prepared(_look)


def standing_of(slug: str, country: str, text_number: int, consent_number: int) -> Standing:
    """Return how a published petition stands, for a form that names a country and versions.

    Raises NotFound, CaseHidden.
    """
    row = _LOOK.row(
        slug=slug, country=country, text_number=text_number, consent_number=consent_number
    )
    if row is None:
        raise NotFound("no such petition")
    hidden_at, closed, text_id, consent_id, ref, mode, destroyed_at = row[7:]
    petition_id, case_id, _, state, zone, last_day, after = row[:7]
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
        bool(closed),
        text_id,
        consent_id,
        None if ref is None else KeyLook(ref, mode, destroyed_at is not None),
    )


def _day(stored: Any) -> date | None:
    """Return a day as the driver gives it: SQLite keeps it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored
