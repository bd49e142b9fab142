"""Words that tell an office, an organisation and an address line from a person's name."""

import re
from functools import cache

from petitions.intake.naming import is_name
from petitions.intake.text import fold
from petitions.intake.wordlists import wordlist

_OFFICE = wordlist("offices")
_ORGANISATION = wordlist("organisations")
_PLACE = wordlist("places")
_TITLE = wordlist("titles")
_COMMON = wordlist("generic")
_TOWN = wordlist("towns")
_SURNAME = wordlist("surnames")
_ADJECTIVE = wordlist("adjectives")
_OF = re.compile(r"\b(?:of|de|du|des|del|der|da|do)\b|\bd'")
_OF_WORDS = frozenset({"of", "de", "du", "del", "der", "la", "the"})
_HOUSES = frozenset({"secretariat", "office", "house", "headquarters", "bureau"})
_ENDS_OFFICES = frozenset({"affairs", "justice", "interior", "defence", "defense", "republic"})
_GERMAN_ENDING = re.compile(
    r".{3,}(?:minister|ministerin|prasident|prasidentin|anwalt|anwaltin|direktor|direktorin|"
    r"leiter|leiterin|chef|chefin|autoritat|beauftragter?|kommandeur|befehlshaber|sekretar|"
    r"sekretarin|inspekteur|richter|richterin|oberhaupt|vorsitzender?|kommissar|kommissarin)$"
)
_GERMAN_HOUSE = re.compile(
    r".{3,}(?:ministerium|anwaltschaft|gericht|behorde|amt|prasidium|kanzlei)$"
)
_STREET = re.compile(r".{3,}(?:strasse|str\.|platz|allee|gasse|weg|straat|gatan)$")


@cache
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a line, without the marks around them."""
    return tuple(w for w in (part.strip(',;:()"“”«»') for part in fold(text).split()) if w)


def _first(text: str, *sets: frozenset[str]) -> int | None:
    for place, word in enumerate(words(text)):
        bare = word.rstrip(".")
        first = re.split("[/-]", bare)[0]  # "Commissioner-General", "Ministro/a"
        if any(word in one or bare in one or first in one for one in sets):
            return place
    return None


def has_office(text: str) -> bool:
    """Whether a word in the line names an office that somebody holds."""
    if _ends_like_a_surname(text):
        return False
    return _first(text, _OFFICE) is not None or any(_GERMAN_ENDING.match(w) for w in words(text))


def _ends_like_a_surname(text: str) -> bool:
    """ "Juan Example Mayor": the last of several words that are no others' may be a surname."""
    said = words(text)
    return len(said) > 1 and said[-1] in _SURNAME and not any(_is_known(word) for word in said[:-1])


def _is_known(word: str) -> bool:
    return any(word in one for one in (_OFFICE, _ORGANISATION, _PLACE, _COMMON, _ADJECTIVE))


def is_known_word(word: str) -> bool:
    """Whether a word is one of offices, houses, places or states, or joins such words."""
    return _is_known(word) or word in _OF_WORDS


def name_behind_office(text: str) -> tuple[str, str] | None:
    """Split "Minister of Justice Anna Example": strange words behind a known one are a name.

    Behind "of" they are a place: "Governor of Baja California".
    """
    parts = text.split()
    at = len(parts)
    while at and _is_strange(parts[at - 1]):
        at -= 1
    if not 2 <= len(parts) - at <= 4 or not at or fold(parts[at - 1]) in _OF_WORDS:
        return None
    head = " ".join(parts[:at])
    known = _is_known(fold(parts[at - 1])) and has_office(head)
    return (head, " ".join(parts[at:])) if known else None


def has_connective(text: str) -> bool:
    """Whether an office is told with "of": its last words may be what it is over.

    Behind "Foreign Affairs" or "Justice" nothing follows that it could be over.
    """
    if words(text)[-1] in _ENDS_OFFICES:
        return False
    return not _OF_WORDS.isdisjoint(words(text))


def _is_strange(word: str) -> bool:
    return is_name(word.strip(","), least=1) and not _is_known(fold(word).strip(","))


def has_organisation(text: str) -> bool:
    """Whether the line names an organisation; not "Sardar of Police", whose first word does not."""
    head = _OF.split(fold(text))[0]
    return _first(head, _ORGANISATION) is not None or any(
        _GERMAN_HOUSE.match(word) for word in words(head)
    )


def office_before_organisation(text: str) -> bool:
    """ "Director of the Prison Service" is an office, "Office of the Director" is none."""
    office, house = _first(text, _OFFICE), _first(text, _ORGANISATION | _PLACE)
    if house is not None and words(text)[-1] in _HOUSES and _OF_WORDS.isdisjoint(words(text)):
        return False  # "Chief Minister Secretariat"
    if house is not None and any(
        word.endswith(("'s", "s'")) and word != "people's" for word in words(text)[:house]
    ):
        return False  # "Chief Minister's Secretariat"
    if office is None:
        return any(_GERMAN_ENDING.match(w) for w in words(text)) and house is None
    return house is None or office < house


def has_place(text: str) -> bool:
    """Whether the line looks like a part of an address: digits, a street, a box, a palace."""
    return (
        any(c.isdigit() for c in text)
        or _first(text, _PLACE) is not None
        or any(_STREET.match(w) for w in words(text))
    )


def without_titles(text: str) -> str:
    """Return a name without "Mr", "H.E.", "General" and their like at its start."""
    parts = text.split()
    while parts and fold(parts[0]).rstrip(",") in _TITLE:
        parts = parts[1:]
    return " ".join(parts)


def begins_with_title(text: str) -> bool:
    """Whether a line begins as one addresses a person."""
    return without_titles(text) != " ".join(text.split())


def is_generic(text: str) -> bool:
    """Whether the line is a town of two words, or has words of offices and states in it."""
    return fold(text) in _TOWN or _first(text, _COMMON) is not None


def is_bare_office(text: str) -> bool:
    """Whether all words of a text are an office's: "Ambassador", "Attorney General"."""
    known = [word in _OFFICE for word in words(text)]
    return (
        bool(known)
        and known[0]
        and all(k or w == "general" for k, w in zip(known, words(text), strict=True))
    )
