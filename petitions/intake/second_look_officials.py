"""The second look at officials: whoever may be two people mixed is left out."""

import re
from collections.abc import Callable, Sequence

from petitions.intake.contacts import label_at_start
from petitions.intake.countries import country_called
from petitions.intake.draft import Draft, DraftOfficial
from petitions.intake.holders import name_behind
from petitions.intake.labels import is_banner, label_of
from petitions.intake.text import fold
from petitions.intake.vocabulary import has_office, is_generic, without_titles

Doubt = Callable[[str, str], None]
_EMAIL = re.compile(r"\S@\S")
_PAGE = re.compile(r"https?://|\bwww\.")
_CONTACT = re.compile(
    r"\b(?:fax|tel|phone|e-?mail|courriel|correo-e|salutation|anrede|tratamiento|twitter)\s*:"
)
_GREETS = re.compile(
    r"(?:dear|estimad[oa]|sehr geehrte[rs]?|monsieur le|madame la|your excellency)\b"
)
_INSTRUCTS = re.compile(
    r"\b(?:if (?:there is|you|no)|please|si no hay|s'il n'y a|falls|wenn|in your country|"
    r"en su pais|dans votre pays|in ihrem land)\b"
)
# Nobody's office is called so; a name is.
_HONOURS = re.compile(
    r"(?:(?:his|her|their|son|sa|su|seine?|ihre?) (?:royal )?(?:majesty|highness|majeste|altesse|"
    r"majestad|alteza|"
    r"majestat|hoheit|excellency|excellence|excelencia|exzellenz|eminence|holiness)|mr|mrs|ms|"
    r"herrn?|frau|s\. ?e\.|h\. ?e\.|sr|sra|senora?|m|mme|monsieur|madame|lic|exm[oa]|"
    r"excm[oa]|dr|dra|prof)\.?(?=\s)"
)
_LABELLED = re.compile(r"[\w /-]{2,25}:\s")
_LONGEST_OFFICE = 160


def tells_contacts(text: str) -> bool:
    """Whether a text has an address, a page or a label of one in it."""
    folded = fold(text)
    return any(pattern.search(folded) for pattern in (_EMAIL, _CONTACT))


def look_at_officials(draft: Draft, doubt: Doubt) -> list[DraftOfficial]:
    """Return the officials that are believed, without what is not believed of them."""
    greeted = _strangely_greeted(draft.officials)
    kept: list[DraftOfficial] = []
    for official in draft.officials:
        if id(official) in greeted:
            for said in official.salutations.values():
                doubt(said, "this greets another official: whose are the numbers above it?")
            continue
        _look_at(official, draft, doubt)
        known = official.name or official.office or official.organisation
        if known and _is_bare(official):
            doubt(known, "is this somebody to write to?")
        elif known and any(_is_twice(official, other) for other in kept):
            doubt(known, "it was read here, and is not believed")
        elif known:
            kept.append(official)
    return kept


def _is_bare(official: DraftOfficial) -> bool:
    """A name alone, without an office, an address or a number, is a greeting or a signature."""
    reached = [*official.lines, *official.emails, *official.faxes, *official.phones]
    return not (official.office or official.organisation or reached or official.web)


def _is_twice(official: DraftOfficial, other: DraftOfficial) -> bool:
    if official.name and other.name:
        return fold(without_titles(official.name)) == fold(without_titles(other.name))
    return False


def _look_at(official: DraftOfficial, draft: Draft, doubt: Doubt) -> None:
    reason = "it was read here, and is not believed"
    people = {fold(person.name) for person in draft.people}
    name, office, house = official.name, official.office, official.organisation
    if name and (_bad_name(name) or fold(without_titles(name)) in people):
        doubt(name, reason)
        official.name = None
    if office and (
        _LABELLED.match(office)
        or _HONOURS.match(fold(office))
        or _is_alien(office, draft)
        or len(office) > _LONGEST_OFFICE
    ):
        doubt(office, reason)
        official.office = None
    if house and (_LABELLED.match(house) or _is_alien(house, draft) or house[:1].isdigit()):
        doubt(house, reason)
        official.organisation = None
    if any(_is_alien(line, draft) or _is_sentence(line) for line in official.lines):
        for line in official.lines:
            doubt(line, "an address that has something else in it")
        official.lines, official.country = [], None


def _bad_name(name: str) -> bool:
    bare = without_titles(name)
    return (
        any(c.isdigit() or c in ":;@/" for c in name)
        or len(name.split()) > 9
        or (has_office(bare) and name_behind(name) is None)
        or country_called(bare) is not None
        or (is_generic(bare) and all(is_generic(word) for word in bare.split()))
        or label_of(f"{fold(name)}:") is not None
    )


def _is_alien(line: str, draft: Draft) -> bool:
    """A label, a greeting, an address of another kind, a page's head, inside an address."""
    folded = fold(line)
    return (
        _EMAIL.search(folded) is not None
        or _CONTACT.search(folded) is not None
        or _PAGE.search(folded) is not None
        or label_at_start(line) is not None
        or _GREETS.match(folded) is not None
        or is_banner(folded) is not None
        or (label_of(folded) is not None and ":" in line)
        or (bool(draft.title) and len(folded) > 12 and folded in fold(str(draft.title)))
    )


def _is_sentence(line: str) -> bool:
    small = [word for word in line.split() if word.isalpha() and word.islower()]
    told = line.rstrip().endswith((".", ":")) and len(small) > 7
    return told or _INSTRUCTS.search(fold(line)) is not None


def _strangely_greeted(officials: Sequence[DraftOfficial]) -> set[int]:
    """Whoever is greeted by another's name or office, and that other: columns were mixed."""
    strange: set[int] = set()
    for one in officials:
        for said in one.salutations.values():
            words = set(re.findall(r"\w+", fold(said)))
            own = _called(one)
            for other in officials:
                theirs = _called(other) - own
                if other is not one and words & theirs and not words & (own - _called(other)):
                    strange |= {id(one), id(other)}
    return strange


def _called(official: DraftOfficial) -> set[str]:
    """The words by which somebody is greeted: a surname, the words of the office."""
    names = fold(without_titles(official.name or "")).replace(",", " ").split()
    office = fold(official.office or "").split(" of ")[0]
    words: list[str] = re.findall(r"\w{4,}", office)
    return {*(name for name in names if len(name) > 3), *words}
