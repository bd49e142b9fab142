"""How the mails of a petition fare: numbers, and those that did not reach anybody."""

from flask import render_template
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import mail_report
from petitions.domain.rights import Right
from petitions.domain.watching import standing_of
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, number_in, titled


@blueprint.get("/<int:petition_id>/mails")
@allowed(Right.LOOK)
def mails(petition_id: int) -> ResponseReturnValue:
    """Show what waits, failed and was withheld, with the reasons."""
    found = titled(petition_id)
    return render_template(
        "organiser/confirmations/mails.html",
        found=found,
        standing=standing_of(petition_id),
        waiting=mail_report.waiting_mails(now(), petition_id),
        page=mail_report.troubled_of(petition_id, before=number_in("before")),
        words=words,
    )
