"""Publishing an update, with what it may bring: a new deadline, or the end of petitions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from petitions.domain import audit, petitions, planned
from petitions.domain.case_finding import (
    actor_of,
    case_for_writing,
    case_of,
    petitions_of,
    refuse_own_text,
)
from petitions.domain.case_updates import (
    keep_update,
    next_position,
    told_of,
    update_of,
    written_of,
)
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import CaseUpdate, Organiser, Petition, PetitionState, UpdateKind

_RUNNING = frozenset({PetitionState.OPEN, PetitionState.PAUSED})


def running_petitions(case_id: int) -> tuple[Petition, ...]:
    """Return the petitions of a case that are open or paused: an update may concern them."""
    return tuple(row for row in petitions_of(case_id) if row.state in _RUNNING)


def stoppable_petitions(case_id: int) -> tuple[Petition, ...]:
    """Return the petitions of a case that a stop action stops: closed ones too, which might be
    opened again, and ask readers to tell others."""
    may_stop = (row for row in petitions_of(case_id) if row.state is not PetitionState.DRAFT)
    return tuple(row for row in may_stop if PetitionState.STOPPED in petitions.MOVES[row.state])


def shown_update(update: CaseUpdate) -> Mapping[str, Any]:
    """Return what whoever publishes an update looks at: all of its languages, for a fingerprint."""
    return {language: dict(told.values()) for language, told in told_of(update).items()}


def publish_update(
    case_id: int,
    update_id: int,
    *,
    seen: str,
    move_deadline: bool,
    organiser: Organiser,
    now: datetime,
) -> CaseUpdate:
    """Let readers see an update. Its place and number in the chain are given now.

    `seen` is the fingerprint of `shown_update`: what was changed since, in whichever language, is
    not published unseen. `move_deadline` gives the running petitions the new deadline. A stop
    action stops all that may be stopped, with its title as the reason that readers see: it replaces
    every call to act, and a form left open would go on calling. Raises NotFound, ChangedMeanwhile,
    Refused: 'no title' in the source language, 'published already', 'own text', 'deadline past'.
    """
    case_for_writing(case_id)
    update, title = refuse_unpublishable(case_id, update_id, seen=seen, organiser=organiser)
    _put_last(update)
    update.published_at = now
    db.session.flush()
    planned.forget(update_id=update_id)
    keep_update(update, now)
    detail = {"update": update.id, "kind": update.kind.value}
    audit.record(actor_of(organiser), "update published", f"case {case_id}", detail, now)
    if move_deadline and update.new_deadline_on is not None:
        _move_deadlines(case_id, update.new_deadline_on, actor_of(organiser), now)
    if update.kind is UpdateKind.STOP:
        for petition in stoppable_petitions(case_id):
            to = PetitionState.STOPPED
            petitions.move(petition, to, now, actor=actor_of(organiser), stop_reason=title)
    return update


def refuse_unpublishable(
    case_id: int, update_id: int, *, seen: str, organiser: Organiser
) -> tuple[CaseUpdate, str]:
    """Return a draft that this organiser may publish, and its title in the source language.

    Only reads. Raises NotFound, ChangedMeanwhile, Refused: 'published already', 'no title',
    'own text'.
    """
    case = case_of(case_id)
    update = update_of(case_id, update_id)
    if update.published_at is not None:
        raise Refused("published already")
    written = written_of(update, case.source_language)
    refuse_changed(seen, shown_update(update))
    if not written.title:
        raise Refused("no title", "title")
    refuse_own_text(update.written_by, organiser)
    return update, written.title


def _put_last(update: CaseUpdate) -> None:
    """Drafts keep no place: what is published later stands later, and is numbered later."""
    published = CaseUpdate.case_id == update.case_id, CaseUpdate.published_at.is_not(None)
    if update.position != next_position(update.case_id) - 1:
        update.position = next_position(update.case_id)
    if update.kind is UpdateKind.FURTHER:
        last = select(func.coalesce(func.max(CaseUpdate.number), 0)).where(*published)
        update.number = (db.session.execute(last).scalar_one() or 0) + 1
    db.session.flush()


def _move_deadlines(case_id: int, day: date, actor: str, now: datetime) -> None:
    for running in running_petitions(case_id):
        petition = petitions.petition_for_writing(running.id)
        if day < now.astimezone(ZoneInfo(petition.time_zone)).date():
            raise Refused("deadline past", "move_deadline")
        before = petition.deadline_on
        if before == day:
            continue
        petition.deadline_on = day
        db.session.flush()
        detail = {"before": before.isoformat() if before else None, "after": day.isoformat()}
        audit.record(actor, "deadline moved", f"petition {petition.id}", detail, now)
