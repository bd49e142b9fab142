"""The letter to an official: one page where it fits, two at most (`letter_length` tells).

It arranges words; the words are the organiser's and those of `phrases`, the layout is `letter.typ`
(DIN 5008 form B, so that the address shows in the window of a DL envelope).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from petitions.documents.colours import text_colour
from petitions.documents.coverage import uncovered
from petitions.documents.entries import Letter, LetterAddressee
from petitions.documents.one_side import ask_for_one_side
from petitions.documents.phrases import Phrases, is_right_to_left, phrases
from petitions.documents.typesetting import (
    begins_right_to_left,
    draw_pages,
    isolated,
    require_printable,
    typeset,
)

_READABLE, SMALLEST = 10.5, 8.5
# Body sizes in points, tried from the largest until the letter fits on as many pages as asked.
_SIZES = ((_READABLE, 1), (9.5, 1), (_READABLE, 2), (9.5, 2), (SMALLEST, 2))
_SHOWN_FROM = 10


def write_letter(letter: Letter, path: Path) -> int:
    """Write the letter as a PDF and return its pages.

    The text gets smaller before it needs a further page; a text too long for two pages is printed
    in full on more. Raises UnprintableText, with the characters, where no installed font has them,
    and TypesettingProblem.
    """
    return _fitted(letter, path)[0]


def letter_pictures(letter: Letter, path: Path) -> list[bytes]:
    """Write the letter as `write_letter` does, and return its pages as pictures for a screen."""
    data = _fitted(letter, path)[1]
    return draw_pages("letter.typ", data, letter.dated_on, picture=letter.letterhead)


def unprintable_in(letter: Letter) -> str:
    """Return the characters of a letter that no installed font has; empty where all print."""
    return uncovered(_texts(letter_data(letter, phrases(letter.language))))


def _fitted(letter: Letter, path: Path) -> tuple[int, dict[str, object]]:
    """Write the letter in the largest type that fits; return its pages and what was printed."""
    data = letter_data(letter, phrases(letter.language))
    require_letter_printable(data)
    for size, wanted in _SIZES:
        sized = {**data, "size": size}
        pages = _set(letter, sized, path)
        if pages <= wanted:
            return pages, sized
    sized = {**data, "size": _READABLE}
    return _set(letter, sized, path), sized


def number_lines(letter: Letter) -> list[list[str]]:
    """Return what a letter says of its numbers: the confirmed signatures, then those apart."""
    return _numbers(letter, phrases(letter.language))


def shows_number(letter: Letter) -> bool:
    """Whether the number may stand alone: of few in one country neither it nor more is told."""
    counts = letter.counts
    return counts is not None and not (letter.countries and counts.eligible < _SHOWN_FROM)


def _set(letter: Letter, data: dict[str, object], path: Path) -> int:
    pages = typeset("letter.typ", data, path, letter.dated_on, picture=letter.letterhead)
    if asks_for_one_side(letter):
        ask_for_one_side(path)
    return pages


def require_letter_printable(data: Mapping[str, object]) -> None:
    """Raise UnprintableText, with the characters, where no installed font has them."""
    require_printable(_texts(data))


def sentences_of(letter: Letter) -> list[str]:
    """Return what the letter says of the numbers, sentence by sentence."""
    return [line for part in _numbers(letter, phrases(letter.language)) for line in part]


def address_of(addressee: LetterAddressee) -> list[str]:
    """Return the lines of the postal block, each in its own direction."""
    return [isolated(line) for line in _address(addressee)]


def asks_for_one_side(letter: Letter) -> bool:
    """Whether its PDFs tell whoever prints them to leave the backs empty."""
    return letter.one_side_only and letter.setting > 1


def letter_data(letter: Letter, words: Phrases) -> dict[str, object]:
    """Return all that a template prints of a letter, as strings."""
    address = _address(letter.addressee)
    return {
        "setting": letter.setting,
        "lang": letter.language.split("-")[0].lower(),
        "rtl": is_right_to_left(letter.language),
        "demonstration": letter.demonstration,
        "words": {"demonstration": words.text("demonstration"), "page": words.text("page")},
        "title": _line(letter.subject),
        "author": _line(letter.sender_name),
        "footer": isolated(" · ".join(filter(None, _on_every_page(letter)))),
        "sender_name": isolated(letter.sender_name),
        "accent": letter.accent_colour,
        "sender_colour": text_colour(letter.accent_colour),
        "sender_lines": [*map(isolated, letter.sender_lines), *_contact(letter)],
        "return_line": _return_line((letter.sender_name, *letter.sender_lines)),
        "address": [isolated(line) for line in address],
        "address_rtl": begins_right_to_left(" ".join(address)),
        "reference_lines": [f"{words.text('reference')}: {isolated(letter.reference)}"],
        "date_line": _date_line(letter, words),
        "copy_line": _copy_line(letter, words),
        "subject": isolated(_line(letter.subject)),
        "form_of_address": _form_of_address(letter),
        "salutation": isolated(_line(letter.salutation)),
        "translation": words.text("translation") if letter.is_translation else "",
        "paragraphs": [*_paragraphs(letter.opening), *_paragraphs(letter.obligation)],
        "asks": [_line(ask) for ask in letter.asks],
        "numbers": _numbers(letter, words),
        "closing": _line(letter.closing) or words.text("closing"),
        "signatory": list(letter.signatory_lines),
        "notes": _notes(letter, words),
    }


def _on_every_page(letter: Letter) -> tuple[str, ...]:
    return (letter.sender_name, letter.reference, letter.case_number)


def _form_of_address(letter: Letter) -> str:
    """The form of address on a line of its own, unless the salutation has it already."""
    form = _line(letter.form_of_address)
    said = form.rstrip(",،.").casefold() in _line(letter.salutation).casefold()
    return "" if said else isolated(form)


def _return_line(parts: tuple[str, ...]) -> str:
    """The sender on one line, each part in its own direction where they differ."""
    if len({begins_right_to_left(part) for part in parts}) == 1:
        return isolated(" · ".join(parts))
    return f"\u2068{' · '.join(map(isolated, parts))}\u2069"


def _line(text: str) -> str:
    return " ".join(text.split())


def _contact(letter: Letter) -> list[str]:
    return [isolated(line.strip()) for line in letter.sender_contact.splitlines() if line.strip()]


def _date_line(letter: Letter, words: Phrases) -> str:
    day = words.day(letter.dated_on)
    return f"{isolated(letter.place_line)}, {day}" if letter.place_line else day


def _address(addressee: LetterAddressee) -> list[str]:
    """The postal block; a line already in it is not said twice."""
    heads = (addressee.name, addressee.office, addressee.organisation)
    return [
        *(head for head in heads if head and head not in addressee.postal_lines),
        *addressee.postal_lines,
    ]


def _copy_line(letter: Letter, words: Phrases) -> str:
    if not letter.copy_of:
        return ""
    return words.text("copy_of", offices="; ".join(map(isolated, letter.copy_of)))


def _paragraphs(text: str) -> list[list[str]]:
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip())
    lines = ([_line(line) for line in block.splitlines() if line.strip()] for block in blocks)
    return [block for block in lines if block]


def _numbers(letter: Letter, words: Phrases) -> list[list[str]]:
    """Two paragraphs of lines: the confirmed signatures, then what is counted apart."""
    apart = [
        words.plural(key, number)
        for key, number in (
            ("attested", letter.attested),
            ("paper", letter.paper),
            ("partners", letter.partners),
            ("appeals", letter.appeals),
        )
        if number
    ]
    confirmed = " ".join(_confirmed(letter, words))
    return [part for part in ([confirmed] if confirmed else [], apart) if part]


def _confirmed(letter: Letter, words: Phrases) -> Iterator[str]:
    counts = letter.counts
    if counts is None:
        return
    if letter.countries and counts.eligible < _SHOWN_FROM:
        # So few in one country could be worked out: neither their number nor how they appear.
        yield words.text("few", countries=words.countries(letter.countries))
        return
    if letter.continues and letter.continues_on:
        since = {"day": words.day(letter.continues_on), "reference": isolated(letter.continues)}
        yield words.plural("signed_since", counts.eligible, **since)
    else:
        yield words.plural("signed", counts.eligible)
    for key, number in (
        ("named", counts.named),
        ("initials", counts.initials),
        ("counted", counts.counted),
    ):
        if number:
            yield words.plural(key, number)
    if letter.countries:
        yield words.text("countries", countries=words.countries(letter.countries))
    if not letter.names_enclosed:
        yield words.text("not_enclosed")


def _notes(letter: Letter, words: Phrases) -> list[tuple[str, list[str]]]:
    """The lines under the signature: enclosure, copies, other ways it was sent."""
    notes: list[tuple[str, list[str]]] = []
    if enclosed := list(_enclosed(letter, words)):
        notes.append((words.text("enclosure"), enclosed))
    if letter.copies:
        notes.append((words.text("copies"), [isolated(office) for office in letter.copies]))
    ways = (("fax", letter.addressee.faxes), ("email", letter.addressee.emails))
    reached = [
        f"{words.text(key)} {', '.join(map(isolated, values))}" for key, values in ways if values
    ]
    if reached:
        notes.append((words.text("addressee"), reached))
    return notes


def _enclosed(letter: Letter, words: Phrases) -> Iterator[str]:
    if letter.names_enclosed and letter.list_pages:
        if letter.numbers_pages:
            yield words.plural("enclosed_numbers", letter.numbers_pages)
        yield _enclosure(letter, words)
    if letter.translated:
        yield words.text("enclosed_translation")
    yield from map(isolated, letter.enclosures)


def _enclosure(letter: Letter, words: Phrases) -> str:
    if letter.numbers_pages:
        volumes = words.number(letter.list_files or 0)
        return words.plural("enclosed_first", letter.list_pages or 0, volumes=volumes)
    pages = words.plural("enclosed_list", letter.list_pages or 0)
    if (letter.list_files or 1) > 1:
        return words.plural("enclosed_files", letter.list_files or 0, list=pages)
    return pages


def _texts(value: object) -> Iterator[str]:
    """All strings in nested data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(_texts, value.values()))
    elif isinstance(value, list | tuple):
        yield from chain.from_iterable(map(_texts, value))
