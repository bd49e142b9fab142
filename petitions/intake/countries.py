"""States by their names and adjectives in four languages. Words that mean two states mean none."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from babel import Locale

from petitions.intake.text import fold

READ = ("en", "fr", "es", "de")
# Names that are also a person's, a town's, an island's: never taken alone.
_TOO_COMMON = {
    "congo", "kongo", "salvador", "maurice", "dominique", "granada", "island", "guadalupe",
    "san martin", "santa elena", "georgia del sur", "antarctica", "jersey", "man", "sark",
    "northern ireland",
}  # fmt: skip
_NOT_STATES = {
    "AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UM", "UN", "XA", "XB", "ZZ",
}  # fmt: skip


@cache
def _told() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(files("petitions.intake").joinpath("countries.toml").read_text("utf-8"))


@cache
def names() -> dict[str, str]:
    """Folded name of a state, in any of the four languages -> its ISO code."""
    found: dict[str, set[str]] = {}
    for language in READ:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_STATES:
                found.setdefault(fold(name), set()).add(code)
    for code, words in _told().items():
        for name in words.get("also", []):
            found.setdefault(fold(name), set()).add(code)
    return {
        name: next(iter(codes))
        for name, codes in found.items()
        if len(codes) == 1 and name not in _TOO_COMMON and "&" not in name
    }


@cache
def adjectives(language: str) -> dict[str, str]:
    """Folded form of an adjective ("russes") -> ISO code, in one language."""
    found: dict[str, set[str]] = {}
    for code, words in _told().items():
        for plain in str(words.get(language, "")).split(","):
            for form in _forms(fold(plain), language) if plain.strip() else ():
                found.setdefault(form, set()).add(code)
    return {form: next(iter(codes)) for form, codes in found.items() if len(codes) == 1}


def _forms(plain: str, language: str) -> list[str]:
    if language == "en":
        return [plain]
    if language == "de":
        return [plain + ending for ending in ("", "e", "en", "er", "es", "em")]
    feminine = _french_feminine(plain) if language == "fr" else _spanish_feminine(plain)
    plural = "s" if plain[-1] in "aeiou" or language == "fr" else "es"
    return [plain, plain + plural, plain.rstrip("s") + "es", feminine, feminine + "s"]


def _french_feminine(plain: str) -> str:
    if plain.endswith("e"):
        return plain
    if plain.endswith(("ien", "een")):
        return plain + "ne"
    return {"grec": "grecque", "turc": "turque"}.get(plain, plain + "e")


def _spanish_feminine(plain: str) -> str:
    if plain.endswith("o"):
        return plain[:-1] + "a"
    return plain if plain[-1] in "aei" or plain.endswith("ense") else plain + "a"


_SEPARATORS = re.compile(r"\s*(?:[/;,&]|\band\b|\bet\b|\by\b|\bund\b)\s*")


def country_called(text: str) -> str | None:
    """Return the ISO code if the whole text is one state's name."""
    name = fold(text).strip(" .,;:()-–")
    bare = re.sub(r"^(?:the|la|le|les|l'|el|los|las|die|der)\s*", "", name)
    return names().get(name) or names().get(bare) or _by_its_short_name(bare)


_STYLE = re.compile(
    r"(?:(?:federal|federative|islamic|democratic|socialist|arab|hashemite|united|people's|union of"
    r" the) )*(?:republic|kingdom|state|sultanate|union) of (?:the )?"
    r"|(?:republique|royaume)(?: islamique| federale?| arabe)? (?:de la |de l'|du |des |de |d')"
    r"|(?:republica|reino)(?: islamica| federal| arabe)? (?:del? )?(?:la |los )?"
    r"|(?:islamische |bundes)?republik |konigreich (?:der )?"
)


def _by_its_short_name(name: str) -> str | None:
    """ "Republic of Cuba" is Cuba; in Congo, Korea, China the style tells them apart."""
    style = _STYLE.match(name)
    short = name[style.end() :] if style else ""
    return None if short in {"china", "congo", "korea", "corea", "coree"} else names().get(short)


def countries_called(text: str) -> list[str]:
    """Return the ISO codes if the whole text is nothing but names of states; otherwise []."""
    one = country_called(text)
    if one:
        return [one]
    codes = [country_called(part) for part in _SEPARATORS.split(fold(text)) if part]
    return list(dict.fromkeys(c for c in codes if c)) if codes and all(codes) else []


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = sorted({*names(), *adjectives(language)}, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, words)) + r")(?![\w-])")


def countries_within(text: str, language: str) -> list[str]:
    """Return the states that a phrase names ("the Russian authorities"), in their order."""
    found = _pattern(language).findall(fold(text))
    codes = [names().get(word) or adjectives(language)[word] for word in found]
    return list(dict.fromkeys(codes))


def ends_with_country(text: str) -> str | None:
    """Return the state that an address line ends with, after a comma or as the whole line."""
    whole = country_called(text)
    if whole:
        return whole
    last = re.split(r"[,;]|\s[-–]\s", text)[-1]
    return country_called(last) if last != text else _after_town(text)


def _after_town(text: str) -> str | None:
    """ "107031 Moscow RUSSIAN FEDERATION": only in capitals, and only where more stands before."""
    words = text.rstrip(" .").split(" ")
    for start in range(1, len(words)):
        rest = " ".join(words[start:])
        if rest.isupper() and not words[start - 1].isupper() and len(rest) > 3:
            return country_called(rest)
    return None


def leading_countries(text: str) -> tuple[list[str], str]:
    """Split "RUSSIAN FEDERATION Anna P. (f)" into its states, written in capitals, and the rest."""
    words = text.split(" ")
    for end in range(min(len(words), 8), 0, -1):
        start = " ".join(words[:end])
        codes = countries_called(start.rstrip(":"))
        if codes and start.isupper():
            return codes, " ".join(words[end:]).strip(" :-–")
    return [], text
