"""Who is told by the first lines of an official's block: name, office, organisation."""

import re
from collections.abc import Sequence
from dataclasses import replace

from petitions.intake.countries import country_called, ends_with_country
from petitions.intake.draft import DraftOfficial
from petitions.intake.naming import is_name, is_particle
from petitions.intake.text import Doubts, Line, fold
from petitions.intake.vocabulary import (
    begins_with_title,
    has_connective,
    has_office,
    has_organisation,
    has_place,
    is_bare_office,
    is_generic,
    is_known_word,
    name_behind_office,
    office_before_organisation,
    without_titles,
    words,
)

_DESCRIBES = frozenset(
    ["organizacion", "organisation", "organization", "association", "asociacion", "ngo", "ong",
     "newspaper", "periodico", "diario", "journal", "sindicato", "syndicat", "zeitung"]
)  # fmt: skip
_MAJESTY = re.compile(
    r"(?:his|her|sa|su|seine?|ihre?) (?:\w+ )?(?:majest|highness|altesse|alteza|hoheit)", re.I
)
_CARE_OF = re.compile(r"\[?(?:c/o|care of|attn|attention|p/a|z\. ?hd)\b", re.I)


def tell_who(official: DraftOfficial, lines: list[Line], doubts: Doubts) -> None:
    """The first lines tell name, office and organisation, in either order; the rest is postal."""
    if len(lines) == 1 and lines[0].text.count(",") >= 2:
        _in_one_line(official, lines[0])
        return
    lines = _without_heading(official, lines)
    for at, line in enumerate(lines[:5]):
        following = lines[at + 1].text if at + 1 < len(lines) else None
        if _may_be_town(official, line.text, following):
            doubts.add(line, "a person's name, or a town?")
            lines = [*lines[:at], *lines[at + 1 :]]
            break
        named = official.name is not None and at and _is_person(lines[at - 1].text)
        if named and _is_person(line.text):
            _second_name(official, lines[at - 1], line, doubts)
            lines = [*lines[:at], *lines[at + 1 :]]
            break
        # "Head of Police Port Example" above a name has no name of its own.
        below = following is not None and _is_person(following)
        if not below and official.office is None and _may_end_in_a_name(line.text):
            doubts.add(line, "does a name stand behind the office?")
            lines = [*lines[:at], *lines[at + 1 :]]
            break
        if not _placed(official, line.text.strip(" ,;:"), apart=not below):
            break
    else:
        at = min(5, len(lines))
    rest = _without_unclear(official, lines[at:], doubts)
    for line in rest:
        if is_office(line.text) and not has_place(line.text):
            doubts.add(line, "a second office of the same person, or another official?")
        else:
            official.lines.append(line.text)


def _is_title(office: str, below: str) -> bool:
    """ "King Example bin Example", "Justice Anna Example", and under it another office."""
    return " " not in office and not fold(below).startswith(fold(office))


def _without_heading(official: DraftOfficial, lines: list[Line]) -> list[Line]:
    if official.office is not None:
        return lines
    if not (_heads_in_capitals(lines) or _is_unknown_office(lines)):
        return lines
    official.office = lines[0].text.strip(" ,;:")
    return lines[1:]


def _heads_in_capitals(lines: Sequence[Line]) -> bool:
    """ "OBERSTE JUSTIZAUTORITÄT" above "Ayatollah …": capitals over a name that has none."""
    if len(lines) < 2 or not lines[0].text.isupper() or lines[1].text.isupper():
        return False
    first, second = lines[0].text, lines[1].text
    told = has_office(first) or has_organisation(first) or has_place(first)
    return not told and begins_with_title(second) and _is_person(second)


def _is_unknown_office(lines: Sequence[Line]) -> bool:
    """ "Sardar of the Council for …" above "Dr Example": what somebody is, in words not known."""
    if len(lines) < 2 or not begins_with_title(lines[1].text) or not _is_person(lines[1].text):
        return False
    first = lines[0].text
    told = has_office(first) or has_organisation(first) or has_place(first) or _is_person(first)
    return not told and re.search(r" (?:of|for|de|du|des|del|der|des|fur|für) ", first) is not None


def is_courtesy(text: str) -> bool:
    """ "Exmo. Sr. Presidente", "Monsieur le Ministre": how an office is spoken to."""
    bare = without_titles(text)
    word = re.sub(r"^(?:le|la|el|l')\s*", "", fold(bare))
    return begins_with_title(text) and " " not in word and has_office(word)


def without_courtesies(lines: Sequence[Line], doubts: Doubts) -> list[Line]:
    """Leave out a courtesy under the office itself; the office is told already."""
    kept: list[Line] = []
    for line in lines:
        if is_courtesy(line.text) and any(
            is_office(other.text) for other in lines if other != line
        ):
            doubts.add(line, "how the office is spoken to, or another official?")
        else:
            kept.append(line)
    return kept


def without_description(lines: list[Line], doubts: Doubts) -> list[Line]:
    """ "Human rights organization", and under it what it is called: the first names nobody."""
    if len(lines) < 2 or not has_organisation(lines[1].text) or has_place(lines[1].text):
        return lines
    first = words(lines[0].text)
    heads = lines[0].text.rstrip().endswith(":")  # "Environmental organization:"
    if not _DESCRIBES.intersection(first) or not (heads or all(map(is_known_word, first))):
        return lines
    doubts.add(lines[0], "what the organisation is, or its name?")
    return lines[1:]


def pieces_told(lines: Sequence[Line]) -> list[Line]:
    """ "Anna Example, Supreme Court, Street 5, 700 Town, STATE" tells a piece in each place."""
    found: list[Line] = []
    for at, line in enumerate(lines):
        parts = [part.strip() for part in line.text.rstrip(" .").split(",")]
        told = 0
        named = any(_is_person(other.text) or name_behind(other.text) for other in lines[:at])
        housed = any(has_organisation(other.text) for other in lines[:at])
        while (
            at < 4
            and len(parts) > 2
            and told < len(parts) - 1
            and _tells(parts[told], named, housed)
        ):
            told += 1
        rest = ", ".join(parts[told:])
        if len(lines) > 1 and told and has_place(rest):
            found += [replace(line, text=part) for part in parts[:told]]
            found.append(replace(line, text=rest))
        else:
            found.append(line)
    return found


def _tells(text: str, named: bool, housed: bool) -> bool:
    if has_place(text):
        return False
    person = _is_person(text) and not named  # "Howzeh Riyasat, Pasteur Street" under a name
    house = has_organisation(text) and not housed
    return is_office(text) or person or house or is_courtesy(text)


def _is_postal(rest: Sequence[Line]) -> bool:
    """Whether an address begins here: a street, a box, a town right above its state."""
    return has_place(rest[0].text) or country_called(rest[1].text) is not None


def _without_unclear(
    official: DraftOfficial, rest: Sequence[Line], doubts: Doubts
) -> Sequence[Line]:
    """Leave out a first line that may be something else than the address's."""
    if official.office is None and official.name and len(rest) > 1 and not _is_postal(rest):
        doubts.add(rest[0], "an office, or a place?")
        return list(rest[1:])
    if len(rest) > 1 and _may_be_else(official, rest[0].text) and not _surely_postal(rest):
        doubts.add(rest[0], "a house, a name, or a place?")
        rest = rest[1:]
        told = official.organisation is not None or not has_organisation(rest[0].text)
        if not told and not has_place(rest[0].text):
            official.organisation, rest = rest[0].text, rest[1:]
    return rest


def _may_be_else(official: DraftOfficial, text: str) -> bool:
    """Whether a line could be the house or the name that is not told yet."""
    return official.organisation is None or (official.name is None and _is_person(text))


def _surely_postal(rest: Sequence[Line]) -> bool:
    return (
        _is_postal(rest)
        or _CARE_OF.match(rest[0].text) is not None
        or "," in rest[0].text
        or ends_with_country(rest[0].text) is not None
    )


def _in_one_line(official: DraftOfficial, line: Line) -> None:
    """ "Minister of Justice, Anna Example, Ministry of Justice, Street 5, Town, State"."""
    parts = [part.strip() for part in line.text.rstrip(" .").split(",")]
    at = 0
    while at < len(parts) - 1 and _placed(official, parts[at]):
        at += 1
    official.lines = [", ".join(parts[at:])]


def _second_name(official: DraftOfficial, first: Line, second: Line, doubts: Doubts) -> None:
    """Two names under each other: one is somebody's, the other a house, a place, an office."""
    doubts.add(second, "a second name under the first, or something else?")
    if _shows_surname(second.text) and not _shows_surname(first.text):
        official.name = second.text.strip(" ,;:")
    elif official.office is None:  # which of the two is the name?
        doubts.add(first, "a name, or an office?")
        official.name = None


def _shows_surname(text: str) -> bool:
    """ "Anna EXAMPLE": one word in capitals tells a person from anything else."""
    parts = [word for word in text.split() if len(word) > 2]
    return any(word.isupper() for word in parts) and not text.isupper()


def _may_be_town(official: DraftOfficial, text: str, following: str | None) -> bool:
    """Two capitalised words right above the state's name may be either."""
    return (
        following is not None
        and country_called(following) is not None
        and official.name is None
        and _is_person(text)
        and not begins_with_title(text)
    )


def _placed(official: DraftOfficial, text: str, apart: bool = True) -> bool:
    if _MAJESTY.match(text) and name_behind(text) and official.name is None:
        official.name = text
        return True
    first, _, house = (part.strip() for part in text.partition(","))
    is_house = has_organisation(house) and not has_office(house) and not has_place(house)
    if official.organisation is None and name_behind(first) and is_house:
        official.organisation, text = house, first
    pair = (name_behind(text) if apart else None) or _name_and_office(text)
    if pair and official.name is None and official.office is None:
        official.name, official.office = pair
        return True
    if official.office and official.name is None and name_behind(text):
        official.name = text
        return True
    if is_office(text):
        if official.name and official.office and _is_title(official.office, text):
            official.name, official.office = f"{official.office} {official.name}", text
            return True
        if official.office is not None and not fold(text).startswith(fold(official.office)):
            return False
        official.office = text  # "President", and under the name "President of the Republic"
        return True
    if _is_person(text) and official.name is None:
        if official.organisation is None or begins_with_title(text):
            official.name = text
            return True
        return False
    named = has_organisation(text) or _begins_with_article(text)
    if named and not has_place(text) and not _CARE_OF.match(text):
        if official.organisation is not None:
            return False
        official.organisation = text
        return True
    return False


def _begins_with_article(text: str) -> bool:
    """ "The Daily Example": no person's name begins so."""
    first, _, rest = text.partition(" ")
    if begins_with_title(rest):  # "The Honorable Anna Example"
        return False
    return fold(first) == "the" and rest[:1].isupper() and len(rest) > 3


def is_office(text: str) -> bool:
    """Whether the line tells an office: not an organisation, not an address."""
    if _CARE_OF.match(text) or _starts_with_digits(text):
        return False
    return has_office(text) and office_before_organisation(text)


def _starts_with_digits(text: str) -> bool:
    return text[:1].isdigit()


def _is_person(text: str) -> bool:
    bare = without_titles(text)
    least = 1 if begins_with_title(text) else 2
    return (
        is_name(bare, least)
        and not _begins_with_article(text)
        and not has_office(bare)
        and not has_organisation(bare)
        and not has_place(bare)
        and not is_generic(bare)
        and country_called(bare) is None
        and ends_with_country(bare) is None
    )


def _name_and_office(text: str) -> tuple[str, str] | None:
    """ "Anna Example, Minister of Justice" or the other way round, or with a dash between."""
    for separator in (",", " - ", " – ", ":", "("):
        first, found, second = text.partition(separator)
        first, second = first.strip(), second.strip(" )")
        if not found or not second:
            continue
        if _is_person(first) and is_office(second):
            return first, second
        if is_office(first) and _is_person(second):
            return second, first
    return None


def name_behind(text: str) -> tuple[str, str] | None:
    """Name and office of "Attorney General Anna Example", where nothing stands between them."""
    if _starts_with_digits(text):
        return None
    words = without_titles(text).split()
    for length in (2, 1):  # "Attorney General Anna Example", "Ambassador Anna Example"
        head, rest = " ".join(words[:length]), " ".join(words[length:])
        solid = [word for word in words[length:] if not is_particle(word)]
        if len(solid) in {2, 3} and is_bare_office(head) and _is_person(rest):
            return rest, head
    apart = name_behind_office(text)
    if apart is None or not _is_person(apart[1]) or _may_end_in_a_name(text):
        return None
    return apart[1], apart[0]


def _may_end_in_a_name(text: str) -> bool:
    """ "Minister of Mines Anna Example", "Minister of Coal Mines Development": who can tell?"""
    apart = name_behind_office(text)
    return apart is not None and _is_person(apart[1]) and has_connective(apart[0])
