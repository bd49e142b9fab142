"""Errors as calm pages: what happened, what the reader can do; as JSON for programs."""

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from petitions import errors
from petitions.extensions import db
from petitions.logs import where
from petitions.web.limits import seconds_to_wait
from petitions.web.ways_back import page_above

DATABASE_FAILED = (OperationalError, InterfaceError, InternalError, PoolTimeout)
TRY_AGAIN_AFTER = 10
_BY_ERROR: dict[type[errors.PetitionsError], int] = {
    errors.NotFound: 404,
    errors.TokenUnknown: 404,
    errors.CaseHidden: 410,
    errors.TokenExpired: 410,
    errors.PetitionClosed: 409,
    errors.KeyMissing: 503,
}
_PAGES: dict[int, tuple[Any, Any]] = {
    400: (
        _l("This request was not understood"),
        _l("Something in it was damaged on the way. Please go back and try again."),
    ),
    403: (
        _l("This was not sent from our own page"),
        _l("Forms are accepted from the pages of this site alone. Nothing was changed."),
    ),
    404: (
        _l("There is no such page"),
        _l("The address may be mistyped, or cut off by a mail program."),
    ),
    405: (_l("This page does not take that"), _l("Nothing was changed.")),
    409: (
        _l("This petition takes no signatures now"),
        _l("Nothing was stored. The page of the petition says how things stand."),
    ),
    410: (_l("This page is no longer here"), _l("It was taken down.")),
    413: (_l("That was too much at once"), _l("Nothing was stored. Please send less text.")),
    422: (_l("This cannot be done"), _l("Nothing was changed.")),
    429: (
        _l("Too many requests from your network"),
        _l(
            "Many people may share one network address with you. Please wait a little and try"
            " again. Nothing is held against you."
        ),
    ),
    500: (
        _l("Something went wrong here"),
        _l("It is our fault, not yours. If you were sending a form, please try it again."),
    ),
    503: (
        _l("Please try again in a moment"),
        _l("The site is very busy or being worked on. Nothing was stored by this request."),
    ),
}


def register(app: Flask) -> None:
    """Answer every error with a page of the site."""
    for error, status in _BY_ERROR.items():
        app.register_error_handler(error, _answering(status))
    app.register_error_handler(errors.KeysDestroyed, _names_destroyed)
    for failure in DATABASE_FAILED:
        app.register_error_handler(failure, _database_failed)
    app.register_error_handler(HTTPException, _http_error)


def error_page(status: int, *, retry_after: int | None = None, **context: Any) -> Response:
    """Return the page of an error; a view may give it another title, message or link."""
    g.is_error = True
    title, message = _PAGES.get(status, _PAGES[500 if status >= 500 else 400])
    title, message = context.pop("title", title), context.pop("message", message)
    if request_ctx.url_adapter is None:  # the host is no host name: no link can be made
        response = make_response(str(title))
        response.content_type = "text/plain; charset=utf-8"
    elif request.path.startswith("/api/"):
        response = jsonify(error=str(title), status=status)
    else:
        html = render_template("error.html", title=title, message=message, status=status, **context)
        response = make_response(html)
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def note_failed_database(error: Exception) -> None:
    """Log it, give up the transaction, and let this answer do without the database.

    The error's own message is left out: it holds the statement's parameters.
    """
    structlog.get_logger(__name__).error("database failed", error=where(error))
    db.session.rollback()
    g.database_failed = True


def _answering(status: int) -> Callable[[Exception], Response]:
    def answer(_: Exception) -> Response:
        db.session.rollback()
        retry_after = TRY_AGAIN_AFTER if status == 503 else None
        return error_page(status, retry_after=retry_after)

    return answer


def _names_destroyed(_: Exception) -> Response:
    """Say that what was asked for is gone by design: trying again is of no use."""
    db.session.rollback()
    return error_page(
        410,
        title=_l("Names are no longer kept here"),
        message=_l(
            "The time for which this case’s names were kept is over. Names, addresses and the keys"
            " that opened them are destroyed; numbers and proofs remain."
        ),
    )


def _database_failed(error: Exception) -> Response:
    note_failed_database(error)
    return error_page(503, retry_after=TRY_AGAIN_AFTER)


def _http_error(error: HTTPException) -> Response:
    # Raised after the view, as by the commit of a sign-in: Flask asks for no handler of it by then.
    failed = getattr(error, "original_exception", None)
    if isinstance(failed, DATABASE_FAILED):
        return _database_failed(failed)
    status = error.code or 500
    if error.response is not None and status < 400:  # a redirect that the router raised
        return error.response  # type: ignore[return-value]  # werkzeug's base class
    if status >= 500:
        g.database_failed = True
        db.session.rollback()
    wait = seconds_to_wait() if status == 429 else TRY_AGAIN_AFTER if status == 503 else None
    response = error_page(status, retry_after=wait, **_way_on(status))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _way_on(status: int) -> dict[str, Any]:
    """Return words for an address that only forms are sent to, and the way back to the console."""
    way: dict[str, Any] = {}
    if status == 405 and request.method in {"GET", "HEAD"}:
        way["title"] = _l("There is nothing to see at this address")
        way["message"] = _l("It only takes what a form sends. Nothing was changed.")
    if status in {404, 405} and (above := page_above(request.path)):
        way["links"] = [(above, _l("Back to the organisers’ pages"))]
    return way
