"""What every page's frame and template may use: names, languages, formats of dates and texts."""

from datetime import date, datetime
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from petitions.domain.presenting import OrganisationPage, organisation_page
from petitions.i18n import country_name, direction, interface_languages, language_name
from petitions.web.language import interface_language
from petitions.web.markdown import html_of

_KEPT_FOR = 30.0
_FALLBACK_NAME = "Petitions"


def register(app: Flask) -> None:
    """Add the context and the filters of templates."""
    app.extensions["petitions.organisation"] = (float("-inf"), None)
    app.context_processor(_context)
    app.jinja_env.globals.update(
        lang_of=lang_of,
        country=name_of_country,
        language_name=lambda tag: language_name(tag, shown_in=interface_language()),
    )
    app.jinja_env.filters.update(
        markdown=html_of,
        day=day,
        moment=moment,
        last_day=last_day,
        paragraphs=paragraphs_of,
        country_name=name_of_country,
    )


def organisation() -> OrganisationPage | None:
    """Return the organisation, at most half a minute old: every page shows its name."""
    read_at, kept = current_app.extensions["petitions.organisation"]
    if g.get("database_failed") or (kept is not None and monotonic() - read_at < _KEPT_FOR):
        return kept  # type: ignore[no-any-return]  # Flask's extensions are untyped
    found = organisation_page()
    current_app.extensions["petitions.organisation"] = (monotonic(), found)
    return found


def name_of_country(code: str) -> str:
    """Return a country's name in the page's language."""
    return country_name(code, interface_language())


def lang_of(language: str) -> Markup:
    """Return the attributes of an element whose text is not in the page's language, or nothing."""
    if not language or language == interface_language():
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(language, direction(language))


def day(value: date) -> str:
    """Return a day in the reader's language; in English the day first, as most readers know it."""
    locale = get_locale()
    if locale is not None and locale.language == "en" and not locale.territory:
        return str(dates.format_date(value, "d MMMM y", locale="en_GB"))
    return str(dates.format_date(value, "long", locale=locale or "en_GB"))


def moment(value: datetime) -> str:
    """Return a time, to the minute, in UTC and said so."""
    return f"{day(value.date())}, {value:%H:%M} UTC"


def last_day(value: date, time_zone: str) -> str:
    """Return a deadline's last day with the zone whose midnight ends it."""
    zone = ZoneInfo(time_zone)
    city = dates.get_timezone_location(zone, locale=get_locale(), return_city=True)
    return str(gettext("%(day)s (%(city)s time)", day=day(value), city=city))


def paragraphs_of(text: str) -> Markup:
    """Return plain text as paragraphs."""
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return Markup("\n").join(Markup("<p>{}</p>").format(escape(p)) for p in parts if p)


def _context() -> dict[str, Any]:
    current = interface_language()
    known = organisation()
    return {
        "site_name": known.name if known else _FALLBACK_NAME,
        "organisation": known,
        "demonstration": current_app.extensions["petitions"].demonstration,
        "language": current,
        "direction": direction(current),
        "languages": _languages(),
        "current_path": request.path,
    }


def _languages() -> list[tuple[str, str, str]]:
    """Return tag, own name and address of the languages that this page can be read in.

    Answers to a form have no other language: changing it would lose what was typed.
    """
    if request.method not in {"GET", "HEAD"} or request.endpoint is None or g.get("is_error"):
        return []
    tags = dict.fromkeys([*interface_languages(), *g.get("content_languages", ())])
    values = request.view_args or {}
    return [
        (tag, language_name(tag), url_for(request.endpoint, **{**values, "lang": tag}))
        for tag in tags
    ]
