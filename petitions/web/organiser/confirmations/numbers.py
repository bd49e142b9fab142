"""Numbers of confirmations over all petitions and of one."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import mail_report, watching
from petitions.domain.presenting.petition_titles import titled_petitions
from petitions.domain.rights import Right
from petitions.domain.watching import Span, Standing
from petitions.extensions import db
from petitions.models import Organisation
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, titled
from petitions.web.organiser.confirmations.happening import happened


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
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
        **happened(_span(), zone, None),
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
        **happened(_span(), found.petition.time_zone, petition_id),
    )


def _span() -> Span:
    return Span.HOUR if request.args.get("by") == "hour" else Span.DAY
