"""Petitions as organisers see them: the list of all, one petition's title, what was done to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from petitions.domain.case_finding import Deed, title_of
from petitions.domain.counting import confirmed_numbers
from petitions.domain.petition_versions import current
from petitions.domain.planned import plans_of_petitions
from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.models import (
    AuditEntry,
    Case,
    ConsentVersion,
    Organiser,
    Petition,
    PetitionState,
    PetitionText,
    Signature,
    SignatureState,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class PetitionRow:
    """A petition in the organisers' list. `language` is that of the title."""

    id: int
    title: str
    language: str
    state: PetitionState
    case_id: int
    case_title: str
    case_language: str
    case_hidden: bool
    deadline_on: date | None
    time_zone: str
    is_past: bool
    confirmed: int
    pending: int
    waits: bool
    """Whether changes wait to be published."""
    scheduled_at: datetime | None = None
    """When a draft is to be published, where a time was set."""
    schedule_stopped: bool = False


def petition_rows(
    wishes: Sequence[str], now: datetime, *, state: PetitionState | None = None
) -> tuple[PetitionRow, ...]:
    """Return all petitions, newest first, or those in one state."""
    query = select(Petition, Case).join(Case, Case.id == Petition.case_id)
    if state is not None:
        query = query.where(Petition.state == state)
    confirmed, pending, waiting = confirmed_numbers(), _pending(), _waiting()
    planned = plans_of_petitions()
    rows = []
    for petition, case in db.session.execute(query.order_by(Petition.id.desc())):
        title, language = petition_title(petition, case, wishes)
        plan = planned.get(petition.id)
        case_title, case_language = title_of(case, wishes)
        rows.append(
            PetitionRow(
                id=petition.id,
                title=title,
                language=language,
                state=petition.state,
                case_id=case.id,
                case_title=case_title,
                case_language=case_language,
                case_hidden=case.hidden_at is not None,
                deadline_on=petition.deadline_on,
                time_zone=petition.time_zone,
                is_past=petition.is_past(now),
                confirmed=confirmed.get(petition.id, 0),
                pending=pending.get(petition.id, 0),
                waits=petition.state is not PetitionState.DRAFT and petition.id in waiting,
                scheduled_at=plan.at if plan else None,
                schedule_stopped=plan is not None and plan.stopped_at is not None,
            )
        )
    return tuple(rows)


def petition_title(petition: Petition, case: Case, wishes: Sequence[str]) -> tuple[str, str]:
    """Return a petition's title and its language, the best for a reader; never empty."""
    version = current(TextVersion, petition.id)
    query = select(PetitionText.language, PetitionText.title)
    found = db.session.execute(query.where(PetitionText.text_version_id == version.id))
    titles = {row.language: row.title for row in found if row.title}
    if not titles:
        return petition.slug, ""
    language = pick(wishes, titles, case.source_language)
    return titles[language], language


def numbers_by_state() -> dict[PetitionState, int]:
    """Return how many petitions are in each state."""
    query = select(Petition.state, func.count()).group_by(Petition.state)
    return {PetitionState(state): number for state, number in db.session.execute(query)}


def deeds_of_petition(petition_id: int, most: int) -> tuple[Deed, ...]:
    """Return the last things that were done to a petition, newest first."""
    query = select(AuditEntry.at, AuditEntry.actor, AuditEntry.action)
    query = query.where(AuditEntry.subject == f"petition {petition_id}")
    rows = db.session.execute(query.order_by(AuditEntry.id.desc()).limit(most)).all()
    names = {
        f"organiser {row.id}": row.name or row.email
        for row in db.session.execute(select(Organiser.id, Organiser.name, Organiser.email))
    }
    return tuple(Deed(row.at, names.get(row.actor, row.actor), row.action) for row in rows)


def pending_number(petition_id: int) -> int:
    """Return how many signatures of a petition wait to be confirmed."""
    return _pending(petition_id).get(petition_id, 0)


def _pending(petition_id: int | None = None) -> dict[int, int]:
    query = select(Signature.petition_id, func.count())
    query = query.where(Signature.state == SignatureState.PENDING).group_by(Signature.petition_id)
    if petition_id is not None:
        query = query.where(Signature.petition_id == petition_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _waiting() -> set[int]:
    texts = select(TextVersion.petition_id).where(TextVersion.published_at.is_(None))
    consents = select(ConsentVersion.petition_id).where(ConsentVersion.published_at.is_(None))
    return {*db.session.execute(texts).scalars(), *db.session.execute(consents).scalars()}
