"""The switches for heavy load, on the page that tells how the site runs."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.clock import now
from petitions.domain import relief
from petitions.domain.relief import Lane
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed

blueprint = Blueprint("giving_way", __name__, url_prefix="/organiser/condition/gives-way")

LANES: dict[Lane, tuple[Any, Any]] = {
    Lane.PAGES: (
        _l("Public pages"),
        _l("renewed every half minute; hiding and closing are as fast as ever"),
    ),
    Lane.NUMBERS: (_l("Public numbers"), _l("added up once a minute; the page says when")),
    Lane.NEWS: (_l("News"), _l("neither queued nor sent")),
    Lane.BUNDLES: (_l("Bundles"), _l("new builds wait; one under way goes on")),
    Lane.MAILS: (
        _l("All mails"),
        _l("go out slowly, so that the relay and the machine keep up; nothing is lost"),
    ),
}
"""What gives way, and what that means, in the order in which it should."""


@blueprint.post("/<lane>")
@allowed(Right.MANAGE_ORGANISATION)
def switch(lane: str) -> ResponseReturnValue:
    """Turn one switch. Turning it where it stands already changes nothing."""
    try:
        which = Lane(lane)
    except ValueError:
        raise NotFound("no such switch") from None
    begin_write()
    if request.form.get("to") == "on":
        relief.switch_on(which, actor(), now())
        told = gettext("%(what)s give way to heavy load from now on.", what=LANES[which][0])
    else:
        relief.switch_off(which, actor(), now())
        told = gettext("%(what)s give way no more.", what=LANES[which][0])
    db.session.commit()
    flash(told, "done")
    return redirect(url_for("condition.index", _anchor="gives-way"), 303)
