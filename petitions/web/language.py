"""Which language a reader gets: `?lang=xx`, else what the browser asks for, else English.

The interface exists in few languages, a case in others; each is chosen for itself from the same
wishes. A language chosen in the address stays in the links of the page.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask_babel import force_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from petitions.extensions import babel
from petitions.i18n import (
    SOURCE,
    TRANSLATIONS,
    choose_language,
    interface_languages,
)

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_MOST_WISHES = 20
"""Languages of a reader that are looked at; the others are left out."""
_LONGEST_WISHES = 1000
"""Signs of a header that are read. Sixty thousand took as many microseconds, for each request."""
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


def here(path: str) -> str:
    """Return a path of this site as an address, in the language that was chosen in the address.

    What `url_for` makes of it, on the ways that thousands take at once.
    """
    tag = chosen_language()
    return f"{request.script_root}{path}" + (f"?lang={tag}" if tag else "")


def wishes() -> list[str]:
    """Return the reader's languages, best first; the interface's own is always the last resort."""
    if "wishes" not in g:
        chosen = chosen_language()
        g.language_negotiated = chosen is None
        asked = wished(request.headers.get("Accept-Language", ""))
        own = g.get("organiser_language")  # chosen once in the account, for the whole console
        g.wishes = [chosen or own] if chosen or own else asked
        g.interface = choose_language(g.wishes, interface_languages()) or SOURCE
    return [*g.wishes, g.interface]


def wished(header: str) -> list[str]:
    """Return the languages of an Accept-Language, best first."""
    if len(header) > _LONGEST_WISHES:
        header = header[:_LONGEST_WISHES].rpartition(",")[0]
    accepted = parse_accept_header(header, LanguageAccept)
    return [tag for tag, quality in accepted if quality > 0][:_MOST_WISHES]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Put headings, labels and messages in this language, where they exist in it.

    For prints: whoever signs a sheet need not read the language of the page that it came from.
    """
    before = interface_language()
    g.interface = choose_language([language], interface_languages()) or before
    try:
        with force_locale(g.interface.replace("-", "_")):
            yield
    finally:
        g.interface = before


def spoken_language() -> str | None:
    """Return the language of the page if it is one that its reader asked for, else None.

    English may stand around a text in a language that the site does not speak.
    """
    wishes()
    return choose_language(g.wishes, interface_languages())


def interface_language() -> str:
    """Return the language of headings, labels and messages."""
    wishes()
    return str(g.interface)
