"""How an official is addressed, per language; a salutation of an unknown language is a doubt."""

import re

from petitions.intake.language import languages_named
from petitions.intake.text import Doubts, Line, fold

_BEGINNINGS = {
    "en": r"dear|your (?:excellency|honou?r|majesty|royal highness|highness|eminence|lordship|"
          r"grace|holiness|worship)"
          r"|honou?rable(?! senor)|sirs?\b|madam\b|right honou?rable|to whom it may concern",
    "fr": r"monsieur|madame|mesdames|messieurs|votre (?:excellence|majeste|altesse|saintete)|"
    r"maitre\b|mon (?:general|colonel|commandant|capitaine)|sa majeste|sire\b|cher\b|chere\b",
    "es": r"senor|sr(?:es|a)?\.|sra?\b|su (?:excelencia|majestad|senoria|alteza|santidad)|"
          r"excelentisim|excmo|excma|estimad|distinguid|muy (?:senor|estimad)|"
          r"honorable senor|ilustrisim|ilmo|ilma|respetad|vuestra (?:excelencia|majestad|senoria)|"
          r"apreciad",
    "de": r"sehr geehrte|(?:konigliche )?(?:exzellenz|hoheit)|eure |euer |ihre exzellenz|majestat|"
          r"sehr verehrte|hochverehrte|herr\b|frau\b",
    "pt": r"senhor|vossa|exm[oa]|excelentissim[oa] senhor|ilustrissim[oa] senhor|caro",
    "it": r"egregi|signor|gentile|illustre|onorevole",
    "tr": r"sayin",
    "id": r"yang terhormat|kepada|bapak|ibu",
    "ru": r"uvazhaem|уважаем|глубокоуважаем|ваше превосходительство",
    "uk": r"шановн|вельмишановн",
    "uz": r"hurmatli",
}  # fmt: skip
_EITHER = {"excellence": "fr", "excellency": "en", "excelencia": "es", "exzellenz": "de"}
_SPLIT = re.compile(r"\s+/\s+|\s*[;|]\s*|\s*/\s*(?=[A-ZÀ-ÞА-Я][^/]{4})")
_OR = re.compile(r"\s+(?:or|ou|o|oder)\s+")
_IN = re.compile(r"\(([^()]{2,30})\)\s*$|^([A-Za-zÀ-ÿ]{4,12})\s*:\s*")


def salutations_of(text: str, language: str | None, line: Line, doubts: Doubts) -> dict[str, str]:
    """Return language -> salutation as written; of two in one language the first, and a doubt."""
    found: dict[str, str] = {}
    for raw in _said(text):
        said, named = _named_language(raw.strip(",;:()" + ' ."“”«»'))
        if not said:
            continue
        key = named or _language_of(said)
        if key is None:
            doubts.add(line, "a salutation in a language that is not recognised", said)
        elif key in found and found[key] != said:
            doubts.add(line, "a second salutation in the same language", said)
        else:
            found[key] = said
    return found


def _said(text: str) -> list[str]:
    """ "Dear Minister or Señor Ministro" are two, "Dear Sir or Madam" is one."""
    parts = [part for part in _SPLIT.split(text) if part]
    for at, part in enumerate(parts):
        halves = _OR.split(part)
        keys = [_language_of(half) for half in halves]
        if len(halves) > 1 and all(keys) and len(set(keys)) == len(keys):
            parts[at : at + 1] = halves
    return parts


def _named_language(text: str) -> tuple[str, str | None]:
    match = _IN.search(text)
    if match:
        codes = languages_named(match[1] or match[2])
        if len(codes) == 1 and codes[0] != "own":
            return (text[: match.start()] + text[match.end() :]).strip(' ."“”«»'), codes[0]
    return text, None


def _language_of(said: str) -> str | None:
    folded = fold(said).strip(" ,.:¡!\"'")
    # fold() turns "й" into "и"; Cyrillic beginnings here have none.
    hits = [key for key, words in _BEGINNINGS.items() if re.match(words, folded)]
    if len(hits) == 1:
        return hits[0]
    return _EITHER.get(folded) if not hits else None
