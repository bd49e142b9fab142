"""Languages of pages and mails: which there are, which one a reader gets, which way they run."""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.languages import get_official_languages

SOURCE = "en"
_ROOT = Path(__file__).resolve().parent
TRANSLATIONS = _ROOT / "translations"


@cache
def interface_languages() -> tuple[str, ...]:
    """Return the languages that pages and mails exist in: English, and what has a catalogue."""
    found = (path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))
    return (SOURCE, *sorted(set(found) - {SOURCE}))


_met: frozenset[str] = frozenset()


def languages_met() -> frozenset[str]:
    """Return the languages that anything was offered in so far: wishes for others change nothing.

    Whoever keeps pages by their readers' wishes leaves those out.
    """
    return _met.union(interface_languages())


def choose_language(wanted: Iterable[str], offered: Collection[str]) -> str | None:
    """Return the offered language that fits the reader's wishes best, or None (RFC 4647)."""
    global _met  # noqa: PLW0603  # replaced, never changed: other threads may be reading it
    if not _met.issuperset(offered):
        _met = _met.union(offered)
    found = negotiate_locale(list(wanted), sorted(offered), sep="-")
    if found is None:
        return None
    # Babel answers in the spelling of the wish ("RU"), callers look up their own ("ru").
    return next((tag for tag in offered if tag.lower() == found.lower()), None)


def direction(language: str) -> str:
    """Return 'rtl' or 'ltr' for a BCP 47 tag (CLDR character order)."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def comma(language: str) -> str:
    """Return the comma of a language, with the space after it."""
    return "، " if direction(language) == "rtl" else ", "


def language_name(language: str, *, shown_in: str | None = None) -> str:
    """Return a language's name, in itself or in another language; the tag where CLDR has none."""
    try:
        locale = Locale.parse(language, sep="-")
        return locale.get_display_name(shown_in.replace("-", "_") if shown_in else None) or language
    except (UnknownLocaleError, ValueError):
        return language


def country_name(country: str, language: str) -> str:
    """Return a country's name in a language (CLDR); its code where CLDR has none."""
    try:
        territories = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        territories = Locale.parse(SOURCE).territories
    return str(territories.get(country, country))


def countries() -> tuple[str, ...]:
    """Return the ISO 3166-1 alpha-2 codes of countries, from CLDR's territories."""
    codes = [str(code) for code in Locale.parse(SOURCE).territories]
    return tuple(
        sorted(c for c in codes if len(c) == 2 and c.isalpha() and c not in _NOT_COUNTRIES)
    )


@lru_cache(maxsize=64)
def countries_in(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of all countries, sorted by name as far as that goes without ICU."""
    named = ((code, country_name(code, language)) for code in countries())
    return tuple(sorted(named, key=lambda row: _sorting_key(row[1])))


@lru_cache(maxsize=256)
def is_official_in(language: str, country: str) -> bool:
    """Whether a language is an official one of a country, or of a part of it (CLDR)."""
    official = get_official_languages(country, regional=True, de_facto=True)
    return language.split("-", maxsplit=1)[0] in {tag.split("_")[0] for tag in official}


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="ascii")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return {country: tuple(zones) for country, zones in found.items()}


def zone_of(country: str, at: datetime) -> ZoneInfo | None:
    """Return a time zone of a country where all its clocks show the same at that time."""
    zones = [ZoneInfo(name) for name in _zones().get(country, ())]
    shown = {at.astimezone(zone).utcoffset() for zone in zones}
    return zones[0] if len(shown) == 1 else None


def _sorting_key(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN"}) | {
    "XA",
    "XB",
    "ZZ",
}
"""Territories of CLDR that ISO 3166-1 does not assign (XK, Kosovo, is kept: it is in use)."""
