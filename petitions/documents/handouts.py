"""Papers that go along with a bundle: a sheet with its number, a slip to be stamped, labels.

What an office reads is in the language of its letter. The numbers are those of the letter, said in
its words: where it does not tell them, nothing here does.
"""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from petitions.documents.entries import Letter, LetterAddressee
from petitions.documents.letter import number_lines, shows_number
from petitions.documents.phrases import FALLBACK, phrases
from petitions.documents.prints import Paper, Print
from petitions.documents.typesetting import begins_right_to_left

LABELS: dict[str, tuple[int, int, Paper]] = {"14": (2, 7, "a4"), "8": (2, 4, "a4")}
"""Sheets of labels by how many are on one: columns, rows, paper. 99 × 38 mm, and 105 × 74 mm."""


def number_sheet(letter: Letter, address: str) -> Print:
    """Return a sheet that says large how many signed, with the petition's address as a code."""
    words = phrases(letter.language)
    counts = letter.counts
    number = words.number(counts.eligible) if counts and shows_number(letter) else ""
    return Print(
        kind="numbers",
        language=letter.language,
        dated_on=letter.dated_on,
        address=address,
        texts={
            **_common(letter),
            "heading": _words(letter.language)["numbers_title"],
            "number": number,
            "subject": letter.subject,
            "paragraphs": [" ".join(part) for part in number_lines(letter)],
            "facts": [
                [words.text("addressee"), _office(letter.addressee)],
                [words.text("reference"), letter.reference],
                [words.text("date"), words.day(letter.dated_on)],
            ],
            "address": address,
        },
    )


def receipt_slip(letter: Letter, address: str) -> Print:
    """Return a slip in two copies on which an office confirms what it got."""
    fixed, own = phrases(letter.language), _words(letter.language)
    given = [own["letter"]]
    counts = letter.counts
    if letter.names_enclosed and counts and counts.listed:
        given.append(f"{fixed.text('list_heading')} ({fixed.number(counts.listed)})")
    return Print(
        kind="slip",
        language=letter.language,
        dated_on=letter.dated_on,
        address=address,
        texts={
            **_common(letter),
            "heading": own["receipt"],
            "received": own["received"],
            "given": given,
            "subject": letter.subject,
            "facts": [
                [own["from"], letter.sender_name],
                [fixed.text("addressee"), _office(letter.addressee)],
                [fixed.text("reference"), letter.reference],
            ],
            "blanks": [
                own[name]
                for name in (
                    "received_on",
                    "incoming",
                    "reply_by",
                    "name_and_function",
                    "signature",
                )
            ],
            "stamp": own["stamp"],
            "copies": [own["for_office"], own["for_us"]],
        },
    )


def labels(
    addresses: Sequence[Sequence[str]], *, sheet: str, skip: int, on: date, title: str
) -> Print:
    """Return addresses on sheets of labels, after `skip` that are used up. None is cut."""
    columns, rows, paper = LABELS[sheet]
    return Print(
        kind="labels",
        language=FALLBACK,
        dated_on=on,
        paper=paper,
        texts={
            "title": title,
            "columns": columns,
            "rows": rows,
            "skip": skip,
            "labels": [
                {"lines": list(lines), "rtl": int(begins_right_to_left(" ".join(lines)))}
                for lines in addresses
            ],
        },
    )


def block_of(addressee: LetterAddressee) -> tuple[str, ...]:
    """Return an address as it stands on a letter; a line already in it is not said twice."""
    heads = (addressee.name, addressee.office, addressee.organisation)
    return (
        *(head for head in heads if head and head not in addressee.postal_lines),
        *addressee.postal_lines,
    )


def _common(letter: Letter) -> dict[str, str]:
    words = phrases(letter.language)
    return {
        "title": letter.reference,
        "site": letter.sender_name,
        "demonstration": words.text("demonstration") if letter.demonstration else "",
    }


def _office(addressee: LetterAddressee) -> str:
    return ", ".join(filter(None, (addressee.office, addressee.name)))


def _words(language: str) -> dict[str, str]:
    table = _table()
    return table.get(language.replace("_", "-").split("-")[0].lower(), table[FALLBACK])


@cache
def _table() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name("handouts.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
