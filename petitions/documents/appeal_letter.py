"""A signer's own letter set as a PDF, in memory: what stands where, in which words.

`appeal_press` does so in a process of its own. Nothing of the letter is written to a disk.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, cast

from petitions.documents.phrases import is_right_to_left, phrases
from petitions.documents.typesetting import (
    begins_right_to_left,
    isolated,
    require_printable,
    typeset,
)

OWN = "own"
"""The language of a letter whose language only its writer knows."""
Paper = Literal["a4", "us-letter"]
_SIZES = (11.0, 10.0)
_WORDS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("appeal_letter.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLetter:
    """One letter by one signer; every text is plain text, never markup, and none stands in a repr.

    `language` is a BCP 47 tag or 'own'; `words` is the language of the fixed words and of the date.
    `faxes` are the numbers that the cover page names; `cover` asks for one.
    """

    language: str
    words: str
    paper: Paper
    dated_on: date
    address: tuple[str, ...]
    subject: str = field(repr=False)
    text: str = field(repr=False)
    sender_name: str = field(default="", repr=False)
    sender_lines: tuple[str, ...] = field(default=(), repr=False)
    faxes: tuple[str, ...] = ()
    cover: bool = False
    demonstration: bool = False


def set_appeal_letter(letter: AppealLetter) -> bytes:
    """Set the letter in this process, in smaller type where that saves its second page.

    Raises UnprintableText and TypesettingProblem.
    """
    data = _data(letter)
    require_printable(_texts(data))
    sheet = _Sheet()
    for size in _SIZES:
        if sheet.set({**data, "size": size}, letter.dated_on) <= 1 + letter.cover:
            return sheet.pdf
    sheet.set({**data, "size": _SIZES[0]}, letter.dated_on)
    return sheet.pdf


class _Sheet:
    """Takes what `typeset` writes, in memory: a file would outlive a process that is killed."""

    pdf = b""

    def write_bytes(self, pdf: bytes) -> int:
        self.pdf = pdf
        return len(pdf)

    def set(self, data: dict[str, object], dated_on: date) -> int:
        """Set the letter on this sheet, and return its pages."""
        return typeset("appeal_letter.typ", data, cast("Path", self), dated_on)


def _data(letter: AppealLetter) -> dict[str, object]:
    words = phrases(letter.words)
    mine = _WORDS.get(words.language, _WORDS["en"])
    own = letter.language == OWN
    first_line = next(iter(letter.text.split()), "")
    return {
        "lang": "und" if own else letter.language.split("-")[0].lower(),
        "rtl": begins_right_to_left(letter.text) if own else is_right_to_left(letter.language),
        "paper": letter.paper,
        "demonstration": letter.demonstration,
        "words": {
            "demonstration": words.text("demonstration"),
            "page": words.text("page"),
            "fax": words.text("fax"),
            "pages": mine["pages"],
        },
        "title": _line(letter.subject) or first_line,
        "author": letter.sender_name,
        "sender": [isolated(line) for line in (letter.sender_name, *letter.sender_lines) if line],
        "return_line": _return_line(letter),
        "address": [isolated(line) for line in letter.address],
        "address_rtl": begins_right_to_left(" ".join(letter.address)),
        "date_line": isolated(words.day(letter.dated_on)),
        "subject": isolated(_line(letter.subject)),
        "paragraphs": _paragraphs(letter.text),
        "signatory": isolated(letter.sender_name),
        "cover": _cover(letter, mine, words.text("date"), words.day(letter.dated_on)),
    }


def _cover(
    letter: AppealLetter, words: dict[str, str], date_word: str, day: str
) -> list[tuple[str, list[str]]]:
    if not letter.cover:
        return []
    fax = phrases(letter.words).text("fax")
    rows = [
        (words["to"], [isolated(line) for line in letter.address]),
        (fax, [isolated(number) for number in letter.faxes]),
        (words["from"], [isolated(letter.sender_name)] if letter.sender_name else []),
        (date_word, [day]),
        (words["subject"], [isolated(_line(letter.subject))]),
    ]
    return [row for row in rows if row[1]]


def _return_line(letter: AppealLetter) -> str:
    parts = [part for part in (letter.sender_name, *letter.sender_lines) if part]
    return f"\u2068{' · '.join(map(isolated, parts))}\u2069" if parts else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> list[list[str]]:
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip())
    lines = ([_line(line) for line in block.splitlines() if line.strip()] for block in blocks)
    return [block for block in lines if block]


def _texts(value: object) -> Iterator[str]:
    """All strings in nested data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
