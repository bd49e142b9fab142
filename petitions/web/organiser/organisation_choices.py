"""Countries, languages and time zones as organisers choose and write them.

Several countries or languages are written one on a line, by name or by code: a list of 250 boxes
helps nobody who copies from paper. What is not understood is said, never guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from zoneinfo import available_timezones

from flask_babel import gettext

from petitions.domain.organisation import the_organisation
from petitions.i18n import SOURCE, countries_in, country_name, language_name, languages_in
from petitions.web.language import interface_language

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
Group = tuple[str, list[tuple[str, str]]]


def country_options() -> list[tuple[str, str]]:
    """Return code and name of all countries, by name."""
    return list(countries_in(interface_language()))


def language_options(*chosen: str | None) -> list[Group]:
    """Return tag and name of languages: first the organisation's and those already chosen."""
    organisation = the_organisation()
    ours = dict.fromkeys([*(organisation.languages if organisation else [SOURCE]), *chosen])
    shown = interface_language()
    first = [(tag, language_name(tag, shown_in=shown)) for tag in ours if tag]
    others = [row for row in languages_in(shown) if row[0] not in ours]
    return [(gettext("Languages in use here"), first), (gettext("All others"), others)]


def is_language(tag: str) -> bool:
    """Whether a tag is a language that has a name."""
    return _TAG.fullmatch(tag) is not None and language_name(tag) != tag


def time_zone_options() -> list[Group]:
    """Return the time zones, by part of the world."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        region, _, city = name.partition("/")
        if city and region not in {"Etc", "US", "Brazil", "Canada", "Chile", "Mexico", "SystemV"}:
            groups.setdefault(region, []).append((name, city.replace("_", " ").replace("/", " – ")))
    return [("UTC", [("UTC", "UTC")]), *groups.items()]


def country_lines(codes: Iterable[str]) -> str:
    """Return countries as they are written in a text field: a name on each line."""
    return "\n".join(country_name(code, interface_language()) for code in codes)


def read_countries(text: str | None) -> tuple[tuple[str, ...], list[str]]:
    """Return the codes of countries written one on a line, and the lines that are none."""
    return _read(text, _countries_by_name(interface_language()).get)


def language_lines(tags: Iterable[str]) -> str:
    """Return languages as they are written in a text field: a name on each line."""
    return "\n".join(language_name(tag, shown_in=interface_language()) for tag in tags)


def read_languages(text: str | None) -> tuple[tuple[str, ...], list[str]]:
    """Return the tags of languages written one on a line, and the lines that are none."""
    return _read(text, _languages_by_name(interface_language()).get)


def lines_of(text: str | None) -> tuple[str, ...]:
    """Return the lines of a text field that are not empty."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _read(text: str | None, find: Callable[[str], str | None]) -> tuple[tuple[str, ...], list[str]]:
    found, unread = dict[str, None](), list[str]()
    for line in lines_of(text):
        code = find(_folded(line))
        if code is None:
            unread.append(line)
        else:
            found[code] = None
    return tuple(found), unread


@lru_cache(maxsize=16)
def _countries_by_name(shown: str) -> dict[str, str]:
    both = (*countries_in(SOURCE), *countries_in(shown))
    return {_folded(name): code for code, name in both} | {
        code.casefold(): code for code, _ in both
    }


@lru_cache(maxsize=16)
def _languages_by_name(shown: str) -> dict[str, str]:
    named = {}
    for tag, name in (*languages_in(SOURCE), *languages_in(shown)):
        for word in (name, language_name(tag), tag):
            named[_folded(word)] = tag
    return named


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
