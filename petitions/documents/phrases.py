"""The fixed words of letters and lists, in the languages of `phrases.json`, with their plurals.

Dates, numbers, plural rules and country names come from Babel (CLDR). No sentence about a case is
here: those are the organiser's.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

_TABLE: dict[str, dict[str, str | list[str] | dict[str, str]]] = json.loads(
    Path(__file__).with_name("phrases.json").read_text(encoding="utf-8")
)

LANGUAGES = tuple(_TABLE)
"""Languages with fixed words; a letter in another language has its fixed words in English."""

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The fixed words of one language, and how it writes numbers, dates and countries."""

    language: str
    locale: Locale

    def text(self, key: str, **values: str) -> str:
        """A fixed phrase, its places filled where values are given. Raises KeyError."""
        phrase = cast("str", _TABLE[self.language][key])
        return phrase.format(**values) if values else phrase

    def columns(self) -> list[str]:
        """The list's column headings: number, name, place, country."""
        return cast("list[str]", _TABLE[self.language]["columns"])

    def plural(self, key: str, number: int, **values: str) -> str:
        """A phrase in the form that the number asks for (CLDR plural rules), `{n}` filled."""
        forms = cast("dict[str, str]", _TABLE[self.language][key])
        form = forms.get(self.locale.plural_form(number), forms["other"])
        return form.format(n=self.number(number), **values)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self.locale)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.locale)

    def country(self, code: str) -> str:
        """The country's name; the code itself where CLDR has none."""
        return str(self.locale.territories.get(code, code))

    def countries(self, codes: Iterable[str]) -> str:
        return ", ".join(self.country(code) for code in codes)


@cache
def phrases(language: str) -> Phrases:
    """The fixed words for a BCP 47 tag: its base language's, or English."""
    base = language.replace("_", "-").split("-")[0].lower()
    if base not in _TABLE:
        return Phrases(FALLBACK, Locale.parse("en_001"))
    # Plain "en" would give American dates; "en_001" is English as written for the world.
    locale = _locale(language) or Locale.parse(base)
    return Phrases(base, Locale.parse("en_001") if str(locale) == "en" else locale)


def is_right_to_left(language: str) -> bool:
    locale = _locale(language)
    return locale is not None and locale.text_direction == "rtl"


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return None
