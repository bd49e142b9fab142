"""The board of the delivery week: what is due to whom, by its kind, for one petition or for me."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from petitions.clock import now
from petitions.domain.bundle_overview import office_names, petition_lines
from petitions.domain.deliveries import deliverers
from petitions.domain.delivery_week import What
from petitions.domain.delivery_week import board as what_is_due
from petitions.domain.organisation import the_organisation
from petitions.domain.rights import Right
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.deliveries.address import blueprint, name_of_actor, when_of

HEADINGS: dict[What, Any] = {
    What.LAST_DAY: _l("Last days of petitions"),
    What.APPOINTMENT: _l("Appointments agreed"),
    What.UNANSWERED: _l("Asked for a week ago or longer, unanswered"),
    What.ASKED: _l("Asked for"),
    What.NOT_DELIVERED: _l("Built, not delivered"),
    What.REPLY: _l("Replies due"),
    What.FOLLOW_UP: _l("Follow-ups"),
}


@blueprint.get("/board")
@allowed(Right.LOOK, narrows=True)
def board() -> ResponseReturnValue:
    """Show what is due to whom within two weeks."""
    moment = now()
    known = the_organisation()
    today = moment.astimezone(ZoneInfo(known.time_zone if known else "UTC")).date()
    petition_id = request.args.get("petition", type=int)
    mine = request.args.get("mine") == "y"
    found = what_is_due(
        today,
        moment,
        petition_id=petition_id,
        organiser_id=organiser().id if mine else None,
    )
    dues = [due for of_kind in found.values() for due in of_kind]
    names = deliverers()
    names |= {
        due.deliverer_id: name_of_actor(f"organiser {due.deliverer_id}")
        for due in dues
        if due.deliverer_id and due.deliverer_id not in names
    }
    return render_template(
        "organiser/deliveries/board.html",
        found={what: of_kind for what, of_kind in found.items() if of_kind},
        headings=HEADINGS,
        petitions={line.petition.id: line for line in petition_lines(wishes())},
        offices=office_names({due.official_id for due in dues if due.official_id}, wishes()),
        deliverers=names,
        petition_id=petition_id,
        mine=mine,
        when_of=when_of,
    )
