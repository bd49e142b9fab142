"""What was given a time to be published at: finding it, and forgetting it. `scheduling` plans."""

from sqlalchemy import ColumnElement, delete, select

from petitions.extensions import db
from petitions.models import CaseUpdate, ScheduledPublication

_Plan = ScheduledPublication


def plan_of(
    *, petition_id: int | None = None, update_id: int | None = None
) -> ScheduledPublication | None:
    """Return the time that was set for a petition or an update, or None."""
    return db.session.execute(select(_Plan).where(_which(petition_id, update_id))).scalar()


def forget(*, petition_id: int | None = None, update_id: int | None = None) -> None:
    """Take the time away that was set for a petition or an update, where one was."""
    db.session.execute(delete(_Plan).where(_which(petition_id, update_id)))


def plans() -> list[ScheduledPublication]:
    """Return all that has a time, those that were stopped too, the soonest first."""
    return list(db.session.execute(select(_Plan).order_by(_Plan.at, _Plan.id)).scalars())


def plans_of_petitions() -> dict[int, ScheduledPublication]:
    """Return the times that were set for petitions, by petition."""
    return {plan.petition_id: plan for plan in plans() if plan.petition_id is not None}


def plans_of_updates(case_id: int) -> dict[int, ScheduledPublication]:
    """Return the times that were set for updates of a case, by update."""
    query = select(_Plan).join(CaseUpdate, CaseUpdate.id == _Plan.update_id)
    found = db.session.execute(query.where(CaseUpdate.case_id == case_id)).scalars()
    return {plan.update_id: plan for plan in found if plan.update_id is not None}


def _which(petition_id: int | None, update_id: int | None) -> ColumnElement[bool]:
    if (petition_id is None) is (update_id is None):
        raise ValueError("either a petition or an update")
    if petition_id is not None:
        return _Plan.petition_id == petition_id
    return _Plan.update_id == update_id
