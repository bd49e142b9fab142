"""What every page's frame and template may use: names, languages, formats of dates and texts."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale, gettext
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from petitions.domain.presenting import OrganisationPage, organisation_page
from petitions.i18n import (
    comma,
    country_name,
    direction,
    interface_languages,
    language_name,
    zone_of,
)
from petitions.models import day_after
from petitions.web import giving_way
from petitions.web.language import interface_language
from petitions.web.markdown import html_of, html_without_links

_KEPT_FOR = 0.8
"""Seconds. With the four of a kept page, a change of the organisation shows within five."""
_FALLBACK_NAME = "Petitions"
_CONSOLE = "/organiser/"
_ONLY_WORDS = re.compile(r"\W+")


def register(app: Flask) -> None:
    """Add the context and the filters of templates."""
    app.extensions["petitions.organisation"] = (float("-inf"), None)
    giving_way.register(app)
    app.context_processor(_context)
    app.jinja_env.globals.update(
        lang_auto=lang_auto,
        lang_of=lang_of,
        country=name_of_country,
        console_city=lambda: city_of(organisation_zone().key),
        language_name=lambda tag: language_name(tag, shown_in=interface_language()),
    )
    app.jinja_env.filters.update(
        attributes=attributes_of,
        by_words=by_words,
        script_data=lambda value: htmlsafe_json_dumps(
            value, ensure_ascii=False, separators=(",", ":")
        ),
        markdown=html_of,
        markdown_without_links=html_without_links,
        day=day,
        since=since,
        moment=moment,
        last_day=last_day,
        ends_at=ends_at,
        last_moment=last_moment,
        told_in=told_in,
        paragraphs=paragraphs_of,
        country_name=name_of_country,
    )


def organisation() -> OrganisationPage | None:
    """Return the organisation, at most a second old: every page shows its name."""
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


def lang_auto(language: str) -> Markup:
    """Return the same for a text whose direction only its letters tell."""
    tag = "" if not language or language == interface_language() else language
    return (Markup(' lang="{}"').format(tag) if tag else Markup()) + Markup(' dir="auto"')


def day(value: date) -> str:
    """Return a day in the reader's language; in English the day first, as most readers know it."""
    locale = _locale()
    return str(dates.format_date(value, "d MMMM y" if locale == "en_GB" else "long", locale=locale))


def since(value: str) -> str:
    """Return a day, a month or a year (2014-06-03, 2014-06, 2014) in the reader's language."""
    if len(value) == len("2014-06"):
        first = date.fromisoformat(f"{value}-01")
        return str(dates.format_skeleton("yMMMM", first, locale=_locale()))
    return day(date.fromisoformat(value)) if "-" in value else value


def moment(value: datetime) -> str:
    """Return a time, to the minute: in UTC and said so, for the console in its own zone.

    That is the organisation's; the frame of the console's pages names it once.
    """
    if not request.path.startswith(_CONSOLE):
        return f"{day(value.date())}{comma(interface_language())}{value:%H:%M} UTC"
    at = value.astimezone(organisation_zone())
    return f"{day(at.date())}{comma(interface_language())}{at:%H:%M}"


def organisation_zone() -> ZoneInfo:
    """Return the time zone in which organisers are told all times."""
    known = organisation()
    return ZoneInfo(known.time_zone if known else "UTC")


def own_day(value: datetime) -> date:
    """Return the day that a moment belongs to where the organisation works."""
    return value.astimezone(organisation_zone()).date()


def city_of(zone: str) -> str:
    """Return the city whose time a zone is, as the reader's language calls it."""
    if "/" not in zone:
        return zone
    city = dates.get_timezone_location(ZoneInfo(zone), locale=get_locale(), return_city=True)
    return str(city)


def last_day(value: date, time_zone: str) -> str:
    """Return a deadline's last day with the zone whose midnight ends it."""
    return str(gettext("%(day)s (%(city)s time)", day=day(value), city=city_of(time_zone)))


def ends_at(value: date, time_zone: str) -> datetime:
    """Return the moment at which a deadline's last day is over."""
    return datetime.combine(day_after(value), time.min, ZoneInfo(time_zone))


def last_moment(ends: datetime, country: str | None) -> str:
    """Return the last minute before a moment as a country's clocks show it.

    Empty where they show different times, or the same as the moment's own zone.
    """
    zone = zone_of(country, ends) if country else None
    if zone is None or ends.astimezone(zone).utcoffset() == ends.utcoffset():
        return ""
    last = ends.astimezone(zone) - timedelta(minutes=1)
    clock = dates.format_time(last, "short", locale=_locale())
    return f"{day(last.date())}{comma(interface_language())}{clock}"


def told_in(text: str, story: str) -> bool:
    """Whether a sentence stands in a story, whatever its punctuation."""
    words = _ONLY_WORDS.sub(" ", text.casefold()).strip()
    return bool(words) and words in _ONLY_WORDS.sub(" ", html_of(story).striptags().casefold())


def by_words(lines: Iterable[Any], words: Callable[[Any], str]) -> list[tuple[str, list[Any]]]:
    """Return lines by the words that are said of them, in the order in which those come up."""
    said: dict[str, list[Any]] = {}
    for line in lines:
        said.setdefault(words(line), []).append(line)
    return list(said.items())


def attributes_of(given: Mapping[str, Any]) -> Markup:
    """Return attributes as HTML has them: what is true has no value, what is false is left out."""
    there = [
        (name, value) for name, value in given.items() if value is not None and value is not False
    ]
    return Markup().join(
        Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)
        for name, value in there
    )


def paragraphs_of(text: str) -> Markup:
    """Return plain text as paragraphs."""
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return Markup("\n").join(Markup("<p>{}</p>").format(escape(p)) for p in parts if p)


def _locale() -> Any:
    locale = get_locale()
    return "en_GB" if locale is None or str(locale) == "en" else locale


def _context() -> dict[str, Any]:
    current = interface_language()
    known = organisation()
    return {
        "site_name": known.name if known else _FALLBACK_NAME,
        "organisation": known,
        "demonstration": current_app.extensions["petitions"].demonstration,
        "language": current,
        "direction": direction(current),
        "colon": "\u00a0: " if current == "fr" else ": ",
        "comma": comma(current),
        "languages": _languages(),
        "current_path": request.path,
        "giving_way": giving_way.giving_way(),
    }


def _languages() -> list[tuple[str, str, str]]:
    """Return tag, own name and address of the languages that this page can be read in.

    Answers to a form have no other language: changing it would lose what was typed.
    """
    if request.method not in {"GET", "HEAD"} or request.endpoint is None or g.get("is_error"):
        return []
    tags = dict.fromkeys([*interface_languages(), *g.get("content_languages", ())])
    values = {**(request.view_args or {}), **g.get("kept_in_address", {})}
    return [
        (tag, language_name(tag), url_for(request.endpoint, **{**values, "lang": tag}))
        for tag in tags
    ]
