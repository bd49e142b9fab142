"""Pages that are edited, told by their addresses: one spelling each, for who may save them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from petitions.domain.rights import Right
from petitions.web.organiser.access import Need, need_of, organiser
from petitions.web.organiser.guard import not_allowed
from petitions.web.organiser.reaching import is_closed

blueprint = Blueprint("editing", __name__, url_prefix="/organiser/editing")
_LONGEST, _WINDOW = 200, 40
_CONSOLE = "/organiser/"


def edited(url: str) -> tuple[str, Need]:
    """Return the page whose form goes to an address, and what it needs; 404 for any other."""
    try:
        routes = current_app.url_map.bind(request.host)
        endpoint, values = routes.match(urlsplit(url).path, method="POST")
    except HTTPException:
        abort(404)
    need = need_of(current_app.view_functions[endpoint])
    page = page_of(endpoint, values)
    if need is None or not need.edits or len(page) > _LONGEST or is_closed(need, values):
        abort(404)
    return page, need


def page_of(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return how a page is called: its address from the console's beginning on."""
    return url_for(endpoint, **values).removeprefix(_CONSOLE)


def address_of(page: str) -> str:
    """Return the address of a page."""
    return _CONSOLE + page


def refusal_of(need: Need) -> ResponseReturnValue | None:
    """Return the answer to whoever may not save a page; None where they may."""
    if isinstance(need.of, Right) and need.of not in g.rights:
        return not_allowed(organiser(), need.of)
    return None


def window() -> str:
    """Return which of the organiser's windows asks."""
    return request.form.get("window", "")[:_WINDOW]
