"""What the forms of cases offer to choose from: languages, countries, time zones."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext
from sqlalchemy import select

from petitions.extensions import db
from petitions.i18n import countries_in, interface_languages, language_name, languages_in
from petitions.models import Organisation
from petitions.web.language import interface_language

Options = list[tuple[str, Any]]


def languages(*also: str) -> Options:
    """Return languages to choose from: those of the organisation first, then all that CLDR has."""
    shown_in = interface_language()
    own = db.session.execute(select(Organisation.languages)).scalar_one_or_none() or []
    first = list(dict.fromkeys([*also, *own, *interface_languages()]))
    near = [(tag, language_name(tag, shown_in=shown_in)) for tag in first]
    rest = [row for row in languages_in(shown_in) if row[0] not in first]
    return [(gettext("Languages of this site"), near), (gettext("All languages"), rest)]


def is_language(tag: str) -> bool:
    """Whether a tag is one of those that can be chosen."""
    return any(tag == known for known, _ in languages_in("en"))


def countries() -> Options:
    """Return the countries, in the page's language."""
    return list(countries_in(interface_language()))


def country_codes() -> frozenset[str]:
    """Return the codes that a country may have."""
    return frozenset(code for code, _ in countries_in("en"))


@lru_cache(maxsize=1)
def time_zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the time zones by their part of the world."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        part, _, city = name.partition("/")
        if city and part not in {"Etc", "SystemV", "posix", "right", "US"}:
            parts.setdefault(part, []).append((name, city.replace("_", " ")))
    return (("UTC", (("UTC", "UTC"),)), *((part, tuple(zones)) for part, zones in parts.items()))
