"""Publishing at a set time: setting it, calling it off, and doing it when the time has come.

Who sets a time publishes: what they looked at, and under their name. So all that publishing asks
for is asked when the time is set, and again when it has come; what was changed in between is not
published unseen.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from petitions.domain import audit, case_update_publishing, organiser_mail, publishing
from petitions.domain.case_finding import actor_of, case_for_writing
from petitions.domain.petitions import petition_for_writing
from petitions.domain.planned import forget, plan_of
from petitions.domain.reach import reach_of
from petitions.domain.rights import Right, rights_of
from petitions.domain.sign_ins import roles_of
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, NamesDestroyed, NotFound, Refused, TransitionRefused
from petitions.extensions import db
from petitions.models import (
    CaseUpdate,
    MailKind,
    Organiser,
    Petition,
    ScheduledPublication,
)

FARTHEST = timedelta(days=366)
REFUSALS = (Refused, TransitionRefused, ChangedMeanwhile, NamesDestroyed, NotFound)
"""Why something is not published although its time has come."""
_Plan = ScheduledPublication


def schedule_petition(
    petition_id: int, at: datetime, organiser: Organiser, now: datetime, *, seen: str
) -> ScheduledPublication:
    """Let a draft be published at a time; one that was set before is changed.

    Raises Refused: 'at past', 'at far', and what `publishing.refuse_unpublishable` raises.
    """
    _refuse_time(at, now)
    petition = petition_for_writing(petition_id)
    case_for_writing(petition.case_id)
    publishing.refuse_unpublishable(petition, organiser, at, seen=seen)
    plan = plan_of(petition_id=petition_id) or _Plan(petition_id=petition_id)
    _set(plan, at, organiser, now, seen)
    detail = {"at": at.isoformat()}
    subject = f"petition {petition_id}"
    audit.record(actor_of(organiser), "publication scheduled", subject, detail, now)
    return plan


def schedule_update(
    case_id: int,
    update_id: int,
    at: datetime,
    organiser: Organiser,
    now: datetime,
    *,
    seen: str,
    move_deadline: bool,
) -> ScheduledPublication:
    """Let an update be published at a time; one that was set before is changed.

    Raises Refused: 'at past', 'at far'; what `case_update_publishing.refuse_unpublishable` raises.
    """
    _refuse_time(at, now)
    case_for_writing(case_id)
    case_update_publishing.refuse_unpublishable(case_id, update_id, seen=seen, organiser=organiser)
    plan = plan_of(update_id=update_id) or _Plan(update_id=update_id)
    plan.move_deadline = move_deadline
    _set(plan, at, organiser, now, seen)
    detail = {"update": update_id, "at": at.isoformat(), "move_deadline": move_deadline}
    audit.record(actor_of(organiser), "publication scheduled", f"case {case_id}", detail, now)
    return plan


def call_off(
    subject: str,
    organiser: Organiser,
    now: datetime,
    *,
    petition_id: int | None = None,
    update_id: int | None = None,
) -> None:
    """Take a time away; the draft stays. Raises Refused('not scheduled')."""
    plan = plan_of(petition_id=petition_id, update_id=update_id)
    if plan is None:
        raise Refused("not scheduled")
    detail: dict[str, object] = {"at": plan.at.isoformat()}
    if update_id is not None:
        detail["update"] = update_id
    forget(petition_id=petition_id, update_id=update_id)
    audit.record(actor_of(organiser), "publication called off", subject, detail, now)


def outlook(plan: ScheduledPublication) -> str:
    """Return why something would not be published as things stand, in a word; empty: it would."""
    if plan.stopped_why is not None:
        return plan.stopped_why
    try:
        _refuse(plan)
    except REFUSALS as error:
        return word_of(error)
    return ""


def anything_due(now: datetime) -> int | None:
    """Return what is to be published first of all whose time has come. Only reads."""
    due = _Plan.at <= now, _Plan.stopped_at.is_(None)
    query = select(_Plan.id).where(*due).order_by(_Plan.at, _Plan.id).limit(1)
    return db.session.execute(query).scalar()


def carry_out(plan_id: int, now: datetime) -> bool:
    """Publish what a plan is for; False where another worker has it. Raises one of REFUSALS."""
    plan = _claimed(plan_id)
    if plan is None:
        return False
    organiser = db.session.get_one(Organiser, plan.scheduled_by)
    subject, detail = _told(plan)
    _refuse_powerless(organiser, _case_of(plan))
    audit.record("worker", "published as scheduled", subject, detail, now)
    if plan.petition_id is not None:
        petition = petition_for_writing(plan.petition_id)
        publishing.publish(petition, organiser, now, seen=plan.seen)
    else:
        update = db.session.get_one(CaseUpdate, plan.update_id)
        case_update_publishing.publish_update(
            update.case_id,
            update.id,
            seen=plan.seen,
            move_deadline=plan.move_deadline,
            organiser=organiser,
            now=now,
        )
    return True


def stop(site: Site, plan_id: int, why: str, now: datetime) -> None:
    """Keep a plan that could not be carried out, with the reason, and mail who scheduled it.

    Where that one cannot sign in or publish any more, everybody who may publish is told.
    """
    plan = _claimed(plan_id)
    if plan is None:
        return
    plan.stopped_at, plan.stopped_why = now, why
    db.session.flush()
    subject, detail = _told(plan)
    audit.record("worker", "scheduled publication stopped", subject, {**detail, "why": why}, now)
    for organiser in _whom_to_tell(plan):
        organiser_mail.enqueue(site, MailKind.SCHEDULE_STOPPED, organiser, now)


def word_of(error: Exception) -> str:
    """Return why something was not published, in a word that pages translate."""
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, ChangedMeanwhile):
        return "changed"
    return "names destroyed" if isinstance(error, NamesDestroyed) else "state"


def _refuse_time(at: datetime, now: datetime) -> None:
    if at <= now:
        raise Refused("at past", "on")
    if at > now + FARTHEST:
        raise Refused("at far", "on")


def _set(
    plan: ScheduledPublication, at: datetime, organiser: Organiser, now: datetime, seen: str
) -> None:
    plan.at, plan.seen = at, seen
    plan.scheduled_by, plan.scheduled_at = organiser.id, now
    plan.stopped_at, plan.stopped_why = None, None
    db.session.add(plan)
    db.session.flush()


def _refuse(plan: ScheduledPublication) -> None:
    organiser = db.session.get_one(Organiser, plan.scheduled_by)
    _refuse_powerless(organiser, _case_of(plan))
    if plan.petition_id is not None:
        petition = db.session.get_one(Petition, plan.petition_id)
        publishing.refuse_unpublishable(petition, organiser, plan.at, seen=plan.seen)
    else:
        update = db.session.get_one(CaseUpdate, plan.update_id)
        case_update_publishing.refuse_unpublishable(
            update.case_id, update.id, seen=plan.seen, organiser=organiser
        )


def _refuse_powerless(organiser: Organiser, case_id: int) -> None:
    """Raise Refused('no right any more') where whoever scheduled could not publish it today."""
    if not _may_publish(organiser, case_id):
        raise Refused("no right any more")


def _may_publish(organiser: Organiser, case_id: int) -> bool:
    reach = reach_of(organiser)
    reaches = reach is None or case_id in reach.case_ids
    has_right = Right.PUBLISH in rights_of(roles_of(organiser.id))
    return organiser.active and has_right and reaches


def _case_of(plan: ScheduledPublication) -> int:
    if plan.petition_id is not None:
        return db.session.get_one(Petition, plan.petition_id).case_id
    return db.session.get_one(CaseUpdate, plan.update_id).case_id


def _claimed(plan_id: int) -> ScheduledPublication | None:
    query = select(_Plan).where(_Plan.id == plan_id, _Plan.stopped_at.is_(None))
    fresh = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.execute(fresh).scalar_one_or_none()


def _told(plan: ScheduledPublication) -> tuple[str, dict[str, object]]:
    detail: dict[str, object] = {
        "at": plan.at.isoformat(),
        "scheduled_by": f"organiser {plan.scheduled_by}",
        "scheduled_at": plan.scheduled_at.isoformat(),
    }
    if plan.petition_id is not None:
        return f"petition {plan.petition_id}", detail
    update = db.session.get_one(CaseUpdate, plan.update_id)
    return f"case {update.case_id}", {**detail, "update": update.id}


def _whom_to_tell(plan: ScheduledPublication) -> list[Organiser]:
    case_id = _case_of(plan)
    organiser = db.session.get_one(Organiser, plan.scheduled_by)
    if _may_publish(organiser, case_id):
        return [organiser]
    everybody = db.session.execute(select(Organiser).order_by(Organiser.id)).scalars().all()
    return [one for one in everybody if _may_publish(one, case_id)]
