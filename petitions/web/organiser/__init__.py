"""The organiser's side: what is done here is done by somebody with an account, and leaves a trace.

Server-rendered and whole without script, like the public's pages; nothing here is kept by caches.
"""

from typing import Any

from flask import Flask, g, get_flashed_messages, has_request_context, request, url_for

from petitions.domain.rights import Right
from petitions.web.organiser import (
    account,
    audit,
    bundles,
    cases,
    condition,
    confirmations,
    deliveries,
    editing,
    giving_way,
    guard,
    importing,
    keeping,
    mailing,
    officials,
    organisation,
    organisers,
    overview,
    petitions,
    retention,
    rules,
    scheduling,
    sealing,
    sessions,
    sign_in,
)
from petitions.web.organiser.access import may
from petitions.web.organiser.page_words import PARTS
from petitions.web.organiser.reaching import opens
from petitions.web.organiser.words import role_name

_PARTS = (
    overview,
    account,
    organisers,
    organisation,
    cases,
    importing,
    petitions,
    scheduling,
    officials,
    confirmations,
    mailing,
    rules,
    bundles,
    deliveries,
    retention,
    sealing,
    audit,
    condition,
    editing,
    giving_way,
)
_BELONGS = {
    "condition": "overview",
    "giving_way": "overview",
    "importing": "cases",
    "rules": "confirmations",
    "scheduling": "petitions",
}
"""Parts that have no place of their own in the navigation, and where they belong."""
_NAVIGATION = (
    ("overview", Right.LOOK),
    ("cases", Right.LOOK),
    ("petitions", Right.LOOK),
    ("officials", Right.LOOK),
    ("confirmations", Right.LOOK),
    ("mailing", Right.LOOK),
    ("bundles", Right.LOOK),
    ("deliveries", Right.LOOK),
    ("organisation", Right.LOOK),
    ("organisers", Right.MANAGE_ORGANISERS),
    ("audit", Right.READ_AUDIT),
)
_CATEGORIES = {"error": "warning", "success": "done", "message": "info"}


def register(app: Flask) -> None:
    """Add the console to an application."""
    sessions.configure(app)
    guard.register(app)
    keeping.register(app)
    editing.register(app)
    for part in _PARTS:
        app.register_blueprint(part.blueprint)
    sign_in.register(app)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    if not has_request_context() or not sessions.is_console(request.path):
        return {}
    return {
        "organiser": g.get("organiser"),
        "console_nav": _navigation(),
        "may": may,
        "opens": opens,
        "Right": Right,
        "role_name": role_name,
        "flashes": _flashes,
    }


def _flashes() -> list[tuple[str, Any]]:
    """Return what is to be told once; the library's categories under our names."""
    found: list[tuple[str, Any]] = list(get_flashed_messages(with_categories=True))  # type: ignore[arg-type]  # asked for as pairs
    return [(_CATEGORIES.get(category, category), text) for category, text in found if text]


def _navigation() -> list[dict[str, Any]]:
    return [
        {
            "label": PARTS[name],
            "url": url_for(f"{name}.index"),
            "current": _BELONGS.get(request.blueprint or "", request.blueprint) == name,
        }
        for name, right in _NAVIGATION
        if may(right) and opens(f"{name}.index")
    ]
