"""Setting a time at which a petition or an update is published, changing it, calling it off."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired

from petitions.clock import now
from petitions.domain import scheduling
from petitions.domain.case_finding import case_of, names_of_organisers, title_of
from petitions.domain.case_update_publishing import running_petitions, shown_update
from petitions.domain.case_updates import update_of, written_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_lists import petition_title
from petitions.domain.petition_waiting import shown_drafts
from petitions.domain.petitions import petition_numbered
from petitions.domain.planned import plan_of
from petitions.domain.publishing import Incomplete
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, NamesDestroyed, Refused, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.models import PetitionState, ScheduledPublication
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.petitions.words import step_words
from petitions.web.organiser.scheduling_words import words_of
from petitions.web.organiser.time_fields import ClockField, DayField
from petitions.web.page_frame import moment, organisation_zone

blueprint = Blueprint("scheduling", __name__, url_prefix="/organiser/schedule")


class ScheduleForm(ConsoleForm):
    """The day and the time of day, on the organisation's clocks."""

    on = DayField(_l("Day"), [InputRequired(_l("Choose the day."))])
    clock = ClockField(_l("Time"), [InputRequired(_l("Choose the time."))])
    move_deadline = BooleanField(_l("Give the running petitions of the case the new deadline"))

    def at(self) -> datetime | None:
        """Return the moment that was typed, or None where clocks skip it that night.

        A time that clocks show twice is the first of both.
        """
        on: date | None = self.on.data
        clock: time | None = self.clock.data
        if on is None or clock is None:
            return None
        zone = organisation_zone()
        typed = datetime.combine(on, clock, zone)
        there = typed.astimezone(UTC).astimezone(zone)
        return typed if there.replace(tzinfo=None) == typed.replace(tzinfo=None) else None


@blueprint.app_template_filter("zoned")
def zoned(value: datetime) -> str:
    """Return a moment on the organisation's clocks, with their offset from UTC."""
    return f"{moment(value)} ({_offset(value)})"


@blueprint.get("/petitions/<int:petition_id>")
@allowed(Right.PUBLISH)
def petition(petition_id: int) -> ResponseReturnValue:
    """Ask when a draft is to be published, or show when it will be."""
    return _petition_page(petition_id, _filled(plan_of(petition_id=petition_id)))


@blueprint.post("/petitions/<int:petition_id>")
@allowed(Right.PUBLISH)
def schedule_petition(petition_id: int) -> ResponseReturnValue:
    """Set the time of a draft."""
    form = ScheduleForm(request.form)

    def act(at: datetime) -> ScheduledPublication:
        seen = form.seen.data or "missing"
        return scheduling.schedule_petition(petition_id, at, organiser(), now(), seen=seen)

    where = url_for("petitions.show", petition_id=petition_id)
    problems, status = _set(form, act)
    if problems is None:
        return redirect(where, 303)
    return _petition_page(petition_id, form, problems, status)


@blueprint.post("/petitions/<int:petition_id>/call-off")
@allowed(Right.PUBLISH)
def call_off_petition(petition_id: int) -> ResponseReturnValue:
    """Take the time of a draft away."""
    found, _ = petition_numbered(petition_id)
    _call_off(f"petition {found.id}", petition_id=petition_id)
    return redirect(url_for("petitions.show", petition_id=petition_id), 303)


@blueprint.get("/updates/<int:case_id>/<int:update_id>")
@allowed(Right.PUBLISH)
def update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Ask when an update is to be published, or show when it will be."""
    return _update_page(case_id, update_id, _filled(plan_of(update_id=update_id)))


@blueprint.post("/updates/<int:case_id>/<int:update_id>")
@allowed(Right.PUBLISH)
def schedule_update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Set the time of an update."""
    form = ScheduleForm(request.form)

    def act(at: datetime) -> ScheduledPublication:
        return scheduling.schedule_update(
            case_id,
            update_id,
            at,
            organiser(),
            now(),
            seen=form.seen.data or "missing",
            move_deadline=bool(form.move_deadline.data),
        )

    problems, status = _set(form, act)
    if problems is None:
        return redirect(url_for("cases.update", case_id=case_id, update_id=update_id), 303)
    return _update_page(case_id, update_id, form, problems, status)


@blueprint.post("/updates/<int:case_id>/<int:update_id>/call-off")
@allowed(Right.PUBLISH)
def call_off_update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Take the time of an update away."""
    update_of(case_id, update_id)
    _call_off(f"case {case_id}", update_id=update_id)
    return redirect(url_for("cases.update", case_id=case_id, update_id=update_id), 303)


def _set(
    form: ScheduleForm, act: Callable[[datetime], ScheduledPublication]
) -> tuple[list[tuple[str, str]] | None, int]:
    """Set a time; return what stood in the way, with the status to answer, or None."""
    if not form.validate():
        return form.problems(), 422
    at = form.at()
    if at is None:
        form.add_error("clock", gettext("Clocks skip this time that night. Choose another one."))
        return form.problems(), 422
    db.session.rollback()  # what was read so far was read as a reader
    begin_write()
    try:
        act(at)
    except Incomplete as refusal:
        db.session.rollback()
        return [("main", step_words(step)) for step in refusal.missing], 422
    except (Refused, ChangedMeanwhile, TransitionRefused, NamesDestroyed) as error:
        db.session.rollback()
        words = words_of(scheduling.word_of(error))
        if isinstance(error, Refused) and error.field == "on":
            form.add_error("on", words)
            return form.problems(), 422
        changed = isinstance(error, ChangedMeanwhile)
        return ([], 409) if changed else ([("main", words)], 422)
    db.session.commit()
    flash(gettext("It will be published on %(when)s.", when=zoned(at)), "done")
    return None, 200


def _call_off(subject: str, **which: int) -> None:
    db.session.rollback()
    begin_write()
    try:
        scheduling.call_off(subject, organiser(), now(), **which)
    except Refused:
        db.session.rollback()
        flash(gettext("No time is set any more."), "info")
        return
    db.session.commit()
    flash(gettext("The time was taken away. The draft stays as it is."), "done")


def _filled(plan: ScheduledPublication | None) -> ScheduleForm:
    if plan is None:
        return ScheduleForm()
    at = plan.at.astimezone(organisation_zone())
    return ScheduleForm(on=at.date(), clock=at.time(), move_deadline=plan.move_deadline)


def _petition_page(
    petition_id: int,
    form: ScheduleForm,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found, case = petition_numbered(petition_id)
    form.seen.data = fingerprint(shown_drafts(petition_id))
    title, language = petition_title(found, case, wishes())
    page = _page(
        form,
        plan_of(petition_id=petition_id),
        status,
        problems=problems or [],
        petition=found,
        published=found.state is not PetitionState.DRAFT,
        case=case,
        title=title,
        title_language=language,
    )
    return page, status


def _update_page(
    case_id: int,
    update_id: int,
    form: ScheduleForm,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    case, found = case_of(case_id), update_of(case_id, update_id)
    form.seen.data = fingerprint(shown_update(found))
    page = _page(
        form,
        plan_of(update_id=update_id),
        status,
        problems=problems or [],
        update=found,
        published=found.published_at is not None,
        case=case,
        title=written_of(found, case.source_language).title,
        title_language=case.source_language,
        running=running_petitions(case_id) if found.new_deadline_on else (),
    )
    return page, status


def _page(form: ScheduleForm, plan: ScheduledPublication | None, status: int, **about: Any) -> str:
    why = scheduling.outlook(plan) if plan else ""
    return render_template(
        "organiser/scheduling/when.html",
        form=form,
        plan=plan,
        by="".join(names_of_organisers([plan.scheduled_by]) if plan else ()),
        why=words_of(why) if why else "",
        changed=words_of("changed") if status == 409 else "",
        case_title=title_of(about["case"], wishes())[0],
        zone=organisation_zone().key,
        offset=_offset(now()),
        latest=(now() + scheduling.FARTHEST - timedelta(days=1)).date(),
        **about,
    )


def _offset(value: datetime) -> str:
    offset = value.astimezone(organisation_zone()).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
