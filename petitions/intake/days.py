"""Days as papers write them, in four languages. A day that can be read two ways is not read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

from petitions.intake.countries import READ
from petitions.intake.text import fold

_ALSO = {"sept": 9, "setiembre": 9, "janner": 1, "marz": 3, "fevr": 2, "feb": 2, "decembre": 12}


@cache
def months() -> dict[str, int]:
    """Return the folded names of months, in the languages that papers are read in."""
    found = dict(_ALSO)
    for language in READ:
        named = Locale(language).months["format"]
        for width in ("wide", "abbreviated"):
            found |= {fold(name).rstrip("."): number for number, name in named[width].items()}
    return found


@dataclass(frozen=True)
class Day:
    """A day in a text, and where; `year` is None where the text gives none."""

    day: int
    month: int
    year: int | None
    start: int
    end: int

    def on(self, year: int | None = None) -> date | None:
        """Return the date, with the given year where the text has none; None if there is none."""
        try:
            return date(self.year or year or 0, self.month, self.day)
        except ValueError:
            return None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    names = "|".join(sorted(map(re.escape, months()), key=len, reverse=True))
    year = r"(?:,?\s*(?:(?:de|del)\s+)?(?P<year>(?:19|20)\d\d))?(?!\d)"
    return (
        re.compile(
            r"(?<![\d/.-])(?P<day>\d{1,2})\s?(?:st|nd|rd|th|er|ero|\.|º|°|o)?\s*(?:of\s+|de\s+)?"
            rf"(?P<month>{names})\b\.?{year}"
        ),
        re.compile(rf"\b(?P<month>{names})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{year}\b"),
        re.compile(r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])"),
        re.compile(
            r"(?<![\d/.-])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d\d)(?!\d)"
        ),
        re.compile(
            r"(?<![\d/.-])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)(?!\d)"
        ),
    )


def days_in(folded: str) -> list[Day]:
    """Return the days in a folded text, in their order; 03/04/2016 is two days, so none."""
    found = sorted(_found(folded), key=lambda day: (day.start, -day.end))
    kept: list[Day] = []
    for day in found:
        if (not kept or day.start >= kept[-1].end) and day.on(2000) is not None:
            kept.append(day)
    return kept


def _found(folded: str) -> Iterator[Day]:
    for pattern in _patterns():
        for match in pattern.finditer(folded):
            day, month, year = match["day"], match["month"], match["year"]
            number = int(month) if month.isdigit() else months()[month]
            if "/" in match[0] and int(day) <= 12 and number <= 12 and day != month:
                continue
            if "/" in match[0] and number > 12:
                day, number = str(number), int(day)
            start, end = match.span()
            yield Day(int(day), number, int(year) if year else None, start, end)


def unclear_days(folded: str) -> bool:
    """Whether the text has a day like 03/04/2016, which may be in March or in April."""
    return any(
        int(a) <= 12 and int(b) <= 12 and a != b
        for a, b in re.findall(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:19|20)\d\d", folded)
    )
