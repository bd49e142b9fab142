"""What was typed and not saved: kept by the page's script or by a button, offered when one returns.

It is for whoever typed it alone, and saves nothing: what is taken up again stands in the form, with
the fingerprint of what it was based on, and goes the way of every form.
"""

from typing import TypeVar
from urllib.parse import urlencode

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from petitions.clock import now
from petitions.domain import editing, unsaved
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.editing.pages import (
    address_of,
    blueprint,
    edited,
    page_of,
    refusal_of,
    window,
)
from petitions.web.organiser.forms import ConsoleForm

F = TypeVar("F", bound=ConsoleForm)
_NEVER = ("csrf_token", "password", "code")
_BUTTONS, _OURS = frozenset({"action", "more"}), frozenset({"script", "unsaved"})


@blueprint.post("/keep/<path:page>")
@allowed(Right.LOOK, narrows=True)
def keep(page: str) -> ResponseReturnValue:
    """Keep what a form holds. The button leads back to it, the script stays there."""
    page, need = edited(address_of(page))
    if refusal := refusal_of(need):
        return refusal
    me, moment, by_script = organiser().id, now(), "script" in request.args
    begin_write()
    try:
        unsaved.keep(page, me, window(), _typed(), moment)
    except Refused:
        db.session.rollback()
        flash(gettext("Nothing more can be kept: discard texts that you do not need."), "warning")
        return (jsonify(kept=False), 409) if by_script else redirect(address_of(page), 303)
    if not by_script:
        editing.keep_open(page, me, window(), moment, editing.LEASE_BY_HAND)
    db.session.commit()
    if by_script:
        return jsonify(kept=True)
    flash(gettext("Kept for you. It is not saved yet, and nobody else sees it."), "done")
    return redirect(with_query(address_of(page), unsaved=window()), 303)


@blueprint.post("/discard/<path:page>")
@allowed(Right.LOOK, narrows=True)
def discard(page: str) -> ResponseReturnValue:
    """Forget what was typed, and show what is saved."""
    page, need = edited(address_of(page))
    if refusal := refusal_of(need):
        return refusal
    begin_write()
    unsaved.discard(page, organiser().id, window())
    db.session.commit()
    flash(gettext("Discarded. This is what is saved."), "done")
    return redirect(with_query(address_of(page)), 303)


def restored(form: F) -> F:
    """Return a form as it was typed where the address asks for that; else as it is."""
    asked = request.args.get("unsaved")
    if asked:
        page = page_of(request.endpoint or "", request.view_args or {})
        there = unsaved.text_at(page, organiser().id, asked)
        if there is not None:
            form.process(MultiDict((name, value) for name, value in there.typed))
            form.seen.data = dict(there.typed).get("seen", "")  # as empty as it was
    return form


def with_query(address: str, **more: str) -> str:
    """Return an address with what this request's has behind it, and more."""
    query = {name: value for name, value in request.args.items() if name not in _OURS} | more
    return f"{address}?{urlencode(query)}" if query else address


def _typed() -> list[tuple[str, str]]:
    """Return the fields that were sent; files are not among them."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _BUTTONS and not any(word in name for word in _NEVER)
    ]
