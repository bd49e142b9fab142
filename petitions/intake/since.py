"""Since when somebody is detained or missing, where a paper about one person says just that.

"Anna Example has been detained since 3 March 2014": the whole name or its last part, nothing
between it and the verb but an aside, a day, month or year right behind "since". What is only
reported, told of others, told two ways, or over by now is not read.
"""

import re

from petitions.intake.days import days_in, months
from petitions.intake.text import fold

_BE = {
    "en": r"(?:has been|is|remains|has remained)",
    "fr": r"(?:est|demeure|reste)",
    "es": r"(?:esta|sigue|permanece|se encuentra|lleva)",
    "de": r"(?:ist|befindet sich|wird)",
}
_HELD = {
    "en": r"(?:being )?(?:(?:arbitrarily|unlawfully) )?(?:detained|held|imprisoned|jailed"
    r"|in (?:\w+ )?(?:detention|custody|prison))",
    "fr": r"(?:detenue?|incarceree?|emprisonnee?|en (?:detention|prison))",
    "es": r"(?:detenid[oa]|encarcelad[oa]|pres[oa]|en prision|bajo custodia)",
    "de": r"(?:inhaftiert|in haft|im gefangnis)",
}
_MISSING = {
    "en": r"(?:missing|disappeared)",
    "fr": r"(?:portee? disparue?|disparue?)",
    "es": r"(?:desaparecid[oa]|en paradero desconocido)",
    "de": r"(?:verschwunden|vermisst)",
}
_SINCE = {
    "en": r"since ",
    "fr": r"depuis (?:le )?",
    "es": r"desde (?:el )?",
    "de": r"seit (?:dem )?",
}
_OVER = {
    "en": r"\b(?:was|were|been|is|now) (?:released|freed|found|executed)\b|\b(?:died|escaped)\b",
    "fr": r"\b(?:liberee?|relachee?|retrouvee?|executee?|decedee?|est morte?)\b",
    "es": r"\b(?:liberad[oa]|puest[oa] en libertad|hallad[oa]|ejecutad[oa]|fallecio|murio)\b",
    "de": r"\b(?:freigelassen|aufgefunden|hingerichtet|gestorben|verstorben)\b",
}
_ASIDE = r"(?:, [^.;:,]{1,60},| \([^()]{1,40}\))?"
_AFTER = r"(?: (?:in|at|by|on|without|a|au|en|sans|par|sin|por|ohne|von) [^.;:,]{1,60})?"
_LEAST = 3


def since_of(told: str, names: list[str], language: str | None) -> tuple[str, str] | None:
    """Return ('detained' or 'missing', since when: '2014-03-03', '2014-03' or '2014'), or None."""
    if len(names) != 1 or language not in _BE:
        return None
    text = fold(told)
    if re.search(_OVER[language], text):
        return None
    found = {
        (status, _when(text[match.end() :], language))
        for status, words in (("detained", _HELD), ("missing", _MISSING))
        for match in _pattern(fold(names[0]), language, words[language]).finditer(text)
    }
    if len(found) != 1:
        return None
    ((status, since),) = found
    return (status, since) if since else None


def _pattern(name: str, language: str, words: str) -> re.Pattern[str]:
    last = name.rsplit(maxsplit=1)[-1]
    called = "|".join(re.escape(one) for one in (name, last) if len(one) > _LEAST) or re.escape(
        name
    )
    be, since = _BE[language], _SINCE[language]
    if language == "de":  # "ist seit dem 3. März 2014 in Haft"
        said = rf" {be} {since}(?=.{{4,20}} {words}\b)"
    else:
        said = rf"(?: {be}|,) {words}{_AFTER},? {since}"
    return re.compile(rf"\b(?:{called}){_ASIDE}{said}")


def _when(rest: str, language: str) -> str:
    """Return the day, month or year that the text begins with."""
    day = next(iter(days_in(rest[:40])), None)
    if day is not None and day.start == 0:
        exact = day.on() if day.year else None
        return exact.isoformat() if exact else ""
    month = re.match(
        rf"(?P<month>{'|'.join(months())})\.? (?:de |del )?(?P<year>(?:19|20)\d\d)\b", rest
    )
    if month:
        return f"{month['year']}-{months()[month['month']]:02}"
    year = re.match(r"(?:19|20)\d\d\b", rest)
    return year[0] if year else ""
