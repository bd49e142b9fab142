"""Officials: one block of lines each, then what each line of the block is."""

import re
from collections.abc import Sequence
from dataclasses import replace

from petitions.intake import contacts
from petitions.intake.blocks import ORDINAL, Block, Blocks, goes_on
from petitions.intake.contacts import Contact
from petitions.intake.countries import country_called, ends_with_country
from petitions.intake.draft import DraftOfficial, Role
from petitions.intake.holders import (
    is_courtesy,
    is_office,
    name_behind,
    pieces_told,
    tell_who,
    without_courtesies,
    without_description,
)
from petitions.intake.salutations import salutations_of
from petitions.intake.text import Doubts, Line, fold
from petitions.intake.vocabulary import (
    begins_with_title,
    has_office,
    has_organisation,
    has_place,
    is_generic,
    without_titles,
)
from petitions.intake.wordlists import wordlist

MIXED = "two officials seem to be mixed here"
NOBODY = "no person, office or organisation is recognised here"
_LAST_WORDS = frozenset(
    [
        "commission",
        "committee",
        "council",
        "authority",
        "agency",
        "service",
        "services",
        "department",
        "board",
        "centre",
        "center",
        "secretariat",
        "administration",
        "office",
    ]
)
# Adjectives that end no line but one that was cut.
_GO_ON = frozenset({"affairs", "rights", "security", "defence", "defense", "development"})
_OPEN = frozenset(wordlist("open"))
UNTOLD = frozenset({MIXED, NOBODY})


def officials_of(
    lines: Sequence[Line], role: Role, language: str | None, doubts: Doubts
) -> list[DraftOfficial]:
    """Return the officials that stand under "Appeals to" or "Copies to"."""
    blocks = _under_headings(Blocks(lines, doubts).blocks)
    found = []
    for block in blocks:
        official = _official(block, role, language, doubts)
        if official is not None:
            found.append(official)
    return found


def _under_headings(blocks: Sequence[Block]) -> list[Block]:
    """ "1) Minister of Justice" apart above a name and an address heads that block."""
    whole: list[Block] = []
    for block in blocks:
        above = whole[-1] if whole else None
        if above and not above.contacts and block.address and _heads(above, block):
            whole[-1] = Block([*above.address, *block.address], block.contacts, mixed=block.mixed)
        else:
            whole.append(block)
    return whole


def _heads(above: Block, block: Block) -> bool:
    if len(above.address) != 1:
        return False
    head, first = above.address[0].text, block.address[0].text
    if not is_office(ORDINAL.sub("", head).rstrip(" :")) or has_place(ORDINAL.sub("", head)):
        return False
    told = is_office(first) and not name_behind(first) and not is_courtesy(first)
    return (
        not told
        and ORDINAL.match(first) is None
        and (len(block.address) > 1 or bool(block.contacts))
    )


def _official(
    block: Block, role: Role, language: str | None, doubts: Doubts
) -> DraftOfficial | None:
    bare = _mended([replace(line, text=ORDINAL.sub("", line.text)) for line in block.address])
    bare = without_courtesies(bare, doubts)
    bare = without_description(bare, doubts)
    first = next((at for at, line in enumerate(bare) if has_organisation(line.text)), None)
    lines = [
        part
        for at, line in enumerate(bare)
        for part in (_town_apart(line) if at == first and len(bare) > 1 else [line])
    ]
    lines = pieces_told(lines)
    if _is_mixed(block, lines):
        for line in _lines_of(block):
            doubts.add(line, MIXED)
        return None
    official = DraftOfficial(role=role)
    for line, contact in block.contacts:
        _reach(official, line, contact, language, doubts)
    if not lines:
        for line, _ in block.contacts:
            doubts.add(line, "it is not said whom this reaches")
        return None
    tell_who(official, lines, doubts)
    official.country = _country(official)
    titled = official.name is not None and begins_with_title(official.name)
    if official.office is None and official.organisation is None and not titled:
        official.name = None  # capitalised words alone: a person, a house, a party?
    if official.name is None and official.office is None and official.organisation is None:
        for line in _lines_of(block):
            doubts.add(line, NOBODY)
        return None
    return official


def _lines_of(block: Block) -> list[Line]:
    return [*block.address, *(line for line, _ in block.contacts)]


def _is_mixed(block: Block, lines: Sequence[Line]) -> bool:
    """Two offices, two greetings or two names on each other's heels are two officials."""
    offices = [line for line in lines if is_office(line.text) and not has_place(line.text)]
    # "Senator Anna Example" under "Minister of …" is the minister's name.
    others = [line for line in offices if not name_behind(line.text)]
    texts = [fold(line.text) for line in (others or offices)]
    apart = {t for t in texts if not any(_is_longer(other, t) for other in texts)}
    greetings = [
        key
        for line, contact in block.contacts
        if contact.kind == contacts.SALUTATION
        for key in salutations_of(" ".join(contact.values), None, line, Doubts())
    ]
    return (
        block.mixed
        or len(apart) > 1
        or any(_two_offices(line.text) for line in offices)
        or len(set(greetings)) < len(greetings)
    )


def _is_longer(text: str, office: str) -> bool:
    """ "President of the Republic" and "Federal Attorney General" tell a shorter office again."""
    return (text != office and text.startswith(office)) or text.endswith(f" {office}")


def _two_offices(text: str) -> bool:
    """ "Minister of Justice Minister of Defence": the same word twice, with nothing between."""
    again = re.search(
        r"\b(\w{4,})\b(?! and\b)[^,/&]{3,60}(?<!,)(?<!\band)(?<!\bet)(?<!\by)(?<!\bund) \1\b",
        text,
    )
    return again is not None and not (name_behind(text) and not has_office(again[1]))


def _reach(
    official: DraftOfficial, line: Line, contact: Contact, language: str | None, doubts: Doubts
) -> None:
    kinds = {
        contacts.FAX: [official.faxes],
        contacts.PHONE: [official.phones],
        contacts.BOTH: [official.faxes, official.phones],
        contacts.EMAIL: [official.emails],
    }
    if contact.kind in kinds:
        for target in kinds[contact.kind]:
            target.extend(value for value in contact.values if value not in target)
        page = contacts.page_in(contact.text)
        if page and official.web is None:
            official.web = page
        elif contact.left:
            doubts.add(line, "words beside a number or an address", contact.left)
    elif contact.kind == contacts.WEB:
        for page in contact.values:
            if official.web in {None, page}:
                official.web = page
            else:
                doubts.add(line, "a second page", page)
    elif contact.kind == contacts.SALUTATION:
        for key, said in salutations_of(" ".join(contact.values), language, line, doubts).items():
            if official.salutations.setdefault(key, said) != said:
                doubts.add(line, "a second salutation in the same language", said)
    else:
        doubts.add(line, "a way to reach somebody that is not kept here", line.text)


def _mended(lines: Sequence[Line]) -> list[Line]:
    """Narrow columns break lines: "Chairman of the Committee / of the Russian / Federation"."""
    whole: list[Line] = []
    for line in lines:
        if whole and _belongs(whole[-1].text, line.text):
            whole[-1] = replace(whole[-1], text=f"{whole[-1].text} {line.text}")
        else:
            whole.append(line)
    return whole


def _belongs(before: str, after: str) -> bool:
    if not without_titles(before):  # "His Excellency" on a line of its own
        return True
    if has_place(after):
        return False
    if goes_on(before) or _ends_a_house(before, after) or _is_cut_inside(before, after):
        return True
    first = after.split(" ", maxsplit=1)[0]
    small = first[:1].islower() and first.isalpha() and not has_place(first)
    if small and first.casefold() not in {"c/o", "attn"}:
        return True
    # A state's name that was cut: neither half is one, both together are.
    tail = before.rsplit(maxsplit=1)[-1]
    return (
        country_called(after) is None
        and country_called(tail) is None
        and country_called(f"{tail} {after}") is not None
        and len(after.split()) <= 2
    )


def _ends_a_house(before: str, after: str) -> bool:
    """ "Chairman, National Human Rights / Commission": a house's last word that was cut off."""
    last = before.rsplit(maxsplit=1)[-1]
    rest = len(after.split()) < 3 and all(is_generic(word) for word in after.split())
    if (
        not (fold(after).strip(" ,.") in _LAST_WORDS or rest)
        or before.endswith(",")
        or has_place(before)
    ):
        return False
    told = has_office(before) or has_organisation(before) or is_generic(before)
    return told and not has_office(last)


def _is_cut_inside(before: str, after: str) -> bool:
    """ "Commissioner of the Ethiopian Human / Rights Commission": an adjective ends the line."""
    last, first = before.rsplit(maxsplit=1)[-1], after.split(maxsplit=1)[0]
    goes = has_organisation(after) or fold(first) in _GO_ON
    return fold(last) in _OPEN and goes and is_generic(first)


def _town_apart(line: Line) -> list[Line]:
    """ "Ministry of the Interior, Kabul": the organisation, and a first line of its address."""
    first, comma, rest = line.text.partition(",")
    alone = len(rest.split()) == 1 or has_place(rest)
    house = has_organisation(first) and not has_place(first) and not is_office(first)
    if comma and alone and house and not has_organisation(rest) and not has_office(rest):
        return [replace(line, text=first.strip()), replace(line, text=rest.strip())]
    return [line]


def _country(official: DraftOfficial) -> str | None:
    """The state at the end of the address; nothing is concluded from a town or a telephone."""
    for line in reversed(official.lines[-2:]):
        code = ends_with_country(line)
        if code:
            return code
    return None
