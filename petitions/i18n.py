"""Languages of pages and mails: which there are, which one a reader gets, which way they run."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global, negotiate_locale
from babel.languages import get_official_languages

SOURCE = "en"
_TERRITORY = 2
"""Letters of a country's code."""
_SCRIPT = 4
_CONSTRUCTED = frozenset({"tok", "vo"})
"""CLDR has data for these; nobody grew up in them, and none is an official one."""
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


def with_territory(language: str) -> str:
    """Return 'fr_FR' for 'fr', as Open Graph writes a language (CLDR's likely territory)."""
    subtags = language.replace("-", "_").split("_")
    if any(len(part) == _TERRITORY for part in subtags[1:]):
        return "_".join(subtags)
    likely = _likely_subtags()
    found = likely.get("_".join(subtags)) or likely.get(subtags[0], "")
    territory = next((p for p in found.split("_")[1:] if len(p) == _TERRITORY), "")
    return f"{subtags[0]}_{territory}" if territory else subtags[0]


@cache
def _likely_subtags() -> Mapping[str, str]:
    return get_global("likely_subtags")


def comma(language: str) -> str:
    """Return the comma of a language, with the space after it."""
    return "، " if direction(language) == "rtl" else ", "


def language_name(language: str, *, shown_in: str | None = None) -> str:
    """Return a language's name (CLDR), in itself or in another language; else in English.

    A script or a territory is named only where the tag has one. The tag where CLDR has no name.
    """
    names = _locale(shown_in or language)
    base, *parts = language.replace("_", "-").split("-")
    name = names.languages.get(base) or Locale.parse(SOURCE).languages.get(base)
    if name is None:
        return language
    known = {**names.scripts, **names.territories}
    told = [str(known.get(part, part)) for part in parts]
    said = f"{name} ({', '.join(told)})" if told else str(name)
    # CLDR writes Uzbek names with a quotation mark, which is read out as such.
    return said.replace("\u2018", "\u02bb") if names.language == "uz" else said


@lru_cache(maxsize=64)
def languages_in(shown: str) -> tuple[tuple[str, str], ...]:
    """Return (tag, name) of languages that people live with, sorted by name in one of them.

    Those that CLDR counts speakers of or has data for; with a script where it has data for several.
    Those whose name it has in English alone stand last.
    """
    english = Locale.parse(SOURCE).languages
    spoken = {tag for spoken in get_global("territory_languages").values() for tag in spoken}
    known = [identifier.split("_") for identifier in localedata.locale_identifiers()]
    tags = {tag for tag in spoken if tag in english and "_" not in tag}
    tags |= {parts[0] for parts in known if parts[0] in english}
    tags |= {"-".join(parts[:2]) for parts in known if _names_script(parts)}
    named = ((tag, language_name(tag, shown_in=shown)) for tag in tags - _CONSTRUCTED)
    here = _locale(shown).languages
    return tuple(
        sorted(named, key=lambda row: (row[0].split("-")[0] not in here, _sorting_key(row[1])))
    )


def _names_script(parts: list[str]) -> bool:
    script = parts[1] if len(parts) > 1 else ""
    return len(script) == _SCRIPT and script.isalpha() and script not in {"Dsrt", "Shaw"}


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SOURCE)


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
