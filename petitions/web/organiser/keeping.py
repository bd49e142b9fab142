"""What was typed is not lost where it cannot be accepted now: a page holds it, to be sent again.

So it goes when a sign-in has ended meanwhile, when the password is asked for once more, and when
two people did the same in one instant.
"""

from typing import Any

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from petitions.extensions import db
from petitions.web.error_pages import error_page
from petitions.web.organiser.sessions import is_console
from petitions.web.organiser.sign_in import is_the_library
from petitions.web.ways_back import page_above, page_before

_STATUS = {"signed out": 401, "fresh": 403, "another page": 403, "race": 409}
_MOST_KEPT_FOR_STRANGERS = 400
_NEVER_KEPT = ("password", "code", "csrf_token")


def register(app: Flask) -> None:
    """Answer forms without their token, and lost races, with what was typed."""
    app.register_error_handler(CSRFError, _from_another_page)
    app.register_error_handler(IntegrityError, _lost_race)


def _from_another_page(_: CSRFError) -> ResponseReturnValue:
    db.session.rollback()
    if not is_console(request.path):
        return error_page(400)
    return kept("another page")


def _lost_race(error: IntegrityError) -> ResponseReturnValue:
    """Two people did the same in one instant, and the database let one of them: send it again."""
    db.session.rollback()
    if not is_console(request.path) or request.method in {"GET", "HEAD"}:
        raise error
    return kept("race")


def kept(reason: str) -> ResponseReturnValue:
    """Answer a form that cannot be accepted now with a page that holds what was typed."""
    g.is_error = True
    typed = [] if is_the_library(request.endpoint) else _typed(request.form)
    if reason == "signed out" and len(typed) > _MOST_KEPT_FOR_STRANGERS:
        typed = []  # no form of ours; the answer would be many times as long as what was sent
    files = [name for name, file in request.files.items() if file.filename]
    page = render_template(
        "organiser/kept.html",
        reason=reason,
        typed=typed,
        files=files,
        # Where a file comes, the browser stays on this page: it says so, and how to go on.
        is_download="download" in (request.endpoint or ""),
        back=page_before() or page_above(request.path),
    )
    return page, _STATUS[reason]


def _typed(form: MultiDict[str, str]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in form.items(multi=True)
        if not any(word in name for word in _NEVER_KEPT)
    ]
