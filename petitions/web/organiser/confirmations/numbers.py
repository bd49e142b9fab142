"""Numbers of confirmations over all petitions and of one, with what happened by hour and day."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal, get_locale, gettext, ngettext

from petitions.clock import now
from petitions.domain import mail_report, watching
from petitions.domain.presenting.petition_titles import titled_petitions
from petitions.domain.rights import Right
from petitions.domain.watching import Span, Standing, Step
from petitions.extensions import db
from petitions.models import Organisation
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.chart import bar_chart_svg
from petitions.web.organiser.confirmations.finding import blueprint, titled

_LABELLED = {Span.HOUR: 6, Span.DAY: 10}


@blueprint.get("/")
@allowed(Right.LOOK)
def index() -> ResponseReturnValue:
    """Show the numbers of all petitions, one by one and together."""
    standings = watching.standings()
    total = Standing()
    for one in standings.values():
        total.add(one)
    organisation = db.session.get(Organisation, 1)
    zone = organisation.time_zone if organisation else "UTC"
    rows = [(row, standings.get(row.petition.id, Standing())) for row in titled_petitions(wishes())]
    return render_template(
        "organiser/confirmations/index.html",
        rows=rows,
        standing=total,
        states=words.PETITION_STATES,
        waiting=mail_report.waiting_mails(now()),
        words=words,
        **_happened(_span(), zone, None),
    )


@blueprint.get("/<int:petition_id>")
@allowed(Right.LOOK)
def one(petition_id: int) -> ResponseReturnValue:
    """Show the numbers of one petition."""
    found = titled(petition_id)
    return render_template(
        "organiser/confirmations/one.html",
        found=found,
        standing=watching.standing_of(petition_id),
        states=words.PETITION_STATES,
        words=words,
        **_happened(_span(), found.petition.time_zone, petition_id),
    )


def _span() -> Span:
    return Span.HOUR if request.args.get("by") == "hour" else Span.DAY


def _happened(span: Span, zone: str, petition_id: int | None) -> dict[str, Any]:
    steps = watching.steps(span, zone, now(), petition_id)
    names = [_name(span, step) for step in steps]
    fact = _fact(span, steps, names)
    series = [
        ("c3", [step.created for step in steps]),
        ("c1", [step.confirmed for step in steps]),
    ]
    short = [_short_name(span, step) for step in steps]
    return {
        "span": span,
        "zone": _city(zone),
        "steps": list(zip(names, steps, strict=True))[::-1],
        "fact": fact,
        "drawing": bar_chart_svg(fact, short, series, _LABELLED[span]),
    }


def _city(zone: str) -> str:
    if "/" not in zone:
        return zone
    city = dates.get_timezone_location(ZoneInfo(zone), locale=get_locale(), return_city=True)
    return str(city)


def _name(span: Span, step: Step) -> str:
    day = format_date(step.begins.date(), "d MMM" if span is Span.HOUR else "d MMMM")
    return f"{day}, {step.begins:%H:%M}" if span is Span.HOUR else str(day)


def _short_name(span: Span, step: Step) -> str:
    if span is Span.HOUR:
        return f"{step.begins:%H:%M}"
    return str(format_date(step.begins.date(), "d MMM"))


def _fact(span: Span, steps: Sequence[Step], names: Sequence[str]) -> str:
    """Say in one sentence or two what the chart shows."""
    created, confirmed = sum(s.created for s in steps), sum(s.confirmed for s in steps)
    if span is Span.HOUR:
        window = gettext("In the last 48 hours")
    else:
        window = gettext("In the last 60 days")
    if not created and not confirmed:
        return str(gettext("%(window)s nobody signed.", window=window))
    signed = ngettext(
        "%(number)s signature was created",
        "%(number)s signatures were created",
        created,
        number=format_decimal(created),
    )
    most = max(range(len(steps)), key=lambda index: steps[index].created + steps[index].confirmed)
    told = gettext(
        "%(window)s %(signed)s and %(confirmed)s confirmed; the most happened on %(when)s.",
        window=window,
        signed=signed,
        confirmed=format_decimal(confirmed),
        when=names[most],
    )
    return str(told)
