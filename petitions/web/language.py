"""Which language a reader gets: `?lang=xx`, else what the browser asks for, else English.

The interface exists in few languages, a case in others; each is chosen for itself from the same
wishes. A language chosen in the address stays in the links of the page.
"""

import re
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from petitions.extensions import babel
from petitions.i18n import SOURCE, TRANSLATIONS, choose_language, interface_languages

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_MOST_WISHES = 20
_NO_LANGUAGE = frozenset({"static", "mailbox.index", "mailbox.one"})


def register(app: Flask) -> None:
    """Set up translations, keep a chosen language in links, and tell caches what was asked."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    babel.init_app(app, locale_selector=lambda: interface_language().replace("-", "_"))

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in _NO_LANGUAGE and "lang" not in values and (tag := chosen_language()):
            values["lang"] = tag

    @app.after_request
    def vary(response: Response) -> Response:
        if g.get("language_negotiated"):
            response.vary.add("Accept-Language")
        return response


def chosen_language() -> str | None:
    """Return the language that the address asks for, where it reads like one."""
    tag = request.args.get("lang", "") if has_request_context() else ""
    return tag if _TAG.fullmatch(tag) else None


def wishes() -> list[str]:
    """Return the reader's languages, best first; the interface's own is always the last resort."""
    if "wishes" not in g:
        chosen = chosen_language()
        g.language_negotiated = chosen is None
        asked = [tag for tag, quality in request.accept_languages if quality > 0][:_MOST_WISHES]
        g.wishes = [chosen] if chosen else asked
        g.interface = choose_language(g.wishes, interface_languages()) or SOURCE
    return [*g.wishes, g.interface]


def interface_language() -> str:
    """Return the language of headings, labels and messages."""
    wishes()
    return str(g.interface)
