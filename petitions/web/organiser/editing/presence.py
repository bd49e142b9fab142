"""Who has the page open that one edits, told by the page's script as long as it is open."""

from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from petitions.clock import now
from petitions.domain import editing
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.editing.pages import (
    address_of,
    blueprint,
    edited,
    refusal_of,
    window,
)

_SECOND = timedelta(seconds=1)


@blueprint.post("/open/<path:page>")
@allowed(Right.LOOK, unattended=True, narrows=True)
def is_open(page: str) -> ResponseReturnValue:
    """Note that somebody has a page open, and tell who else has."""
    page, need = edited(address_of(page))
    if refusal := refusal_of(need):
        return refusal
    me, moment = organiser().id, now()
    if editing.is_due(page, me, window(), moment):
        db.session.rollback()  # what was read is read anew, as a writer
        begin_write()
        editing.keep_open(page, me, window(), moment)
        db.session.commit()
    return jsonify(others=others_at(page, moment))


@blueprint.post("/left/<path:page>")
@allowed(Right.LOOK, unattended=True, narrows=True)
def was_left(page: str) -> ResponseReturnValue:
    """Note that somebody has left a page."""
    page, need = edited(address_of(page))
    if refusal := refusal_of(need):
        return refusal
    me = organiser().id
    if editing.has_open(page, me, window()):
        db.session.rollback()  # what was read is read anew, as a writer
        begin_write()
        editing.close(page, me, window())
        db.session.commit()
    return jsonify(left=True)


def others_at(page: str, moment: datetime) -> list[dict[str, str]]:
    """Return who else has a page open: a name, and a sentence that says since when."""
    found = []
    for one in editing.others_at(page, organiser().id, moment):
        past = -max(moment - one.opened_at, _SECOND)
        when = format_timedelta(past, add_direction=True, locale=get_locale())
        words = gettext("%(who)s opened this for editing %(when)s.", who=one.name, when=when)
        found.append({"who": one.name, "words": words})
    return found
