"""Trends: what new signatures of the last two days have in common. Names nobody, opens no seal."""

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import arrivals
from petitions.domain.rights import Right
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations.finding import blueprint, site, titled
from petitions.web.page_frame import organisation_zone


@blueprint.get("/<int:petition_id>/trends")
@allowed(Right.REVIEW)
def trends(petition_id: int) -> ResponseReturnValue:
    """Show networks, mail domains and minutes, each with a link that begins to set aside."""
    found = titled(petition_id)

    def bulk(**condition: Any) -> str:
        return url_for("confirmations.bulk", petition_id=petition_id, **condition)

    def minute(begins: datetime) -> str:
        return bulk(since=stamp(begins), until=stamp(begins + timedelta(minutes=1)))

    return render_template(
        "organiser/confirmations/trends.html",
        found=found,
        trends=arrivals.trends(site(), petition_id, now()),
        shown_from=arrivals.SHOWN_FROM,
        bulk=bulk,
        minute=minute,
    )


def stamp(moment: datetime) -> str:
    """Return a moment as a field for times holds it, in the console's time zone.

    When clocks are put back an hour comes twice: in the second one the offset is said, too.
    """
    at = moment.astimezone(organisation_zone())
    return f"{at:%Y-%m-%dT%H:%M}" if not at.fold else at.isoformat(timespec="minutes")
