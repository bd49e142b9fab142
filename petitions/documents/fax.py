"""A letter as a fax: a cover sheet and the letter in large type, black alone, page x of y.

Names are never faxed: a fax lies open beside a machine. The layout is `fax.typ`.
"""

from dataclasses import replace
from pathlib import Path

from petitions.documents.entries import Letter
from petitions.documents.letter import address_of, letter_data, require_letter_printable
from petitions.documents.phrases import phrases
from petitions.documents.typesetting import draw_pages, isolated, typeset

MOST_PAGES = 40
"""Pages for which the cover sheet has words; a letter is far shorter."""


def write_fax(letter: Letter, path: Path) -> int:
    """Write the fax as a PDF and return its pages, the cover sheet included.

    Raises UnprintableText, with the characters, where no installed font has them, and
    TypesettingProblem.
    """
    return typeset("fax.typ", _data(letter), path, letter.dated_on)


def without_names(letter: Letter) -> Letter:
    """Return the letter as it goes where no list goes with it, and says so."""
    return replace(letter, names_enclosed=False, list_pages=None, translated=False)


def fax_pictures(letter: Letter) -> list[bytes]:
    """Return the pages of the fax as pictures for a screen. Raises as `write_fax` does."""
    return draw_pages("fax.typ", _data(letter), letter.dated_on)


def _data(letter: Letter) -> dict[str, object]:
    faxed = replace(without_names(letter), enclosures=())
    words = phrases(letter.language)
    data = letter_data(faxed, words)
    require_letter_printable(data)
    numbers = [isolated(number) for number in letter.addressee.faxes]
    sender = [isolated(letter.sender_name), *map(isolated, letter.sender_lines)]
    contact = [isolated(line) for line in letter.sender_contact.splitlines() if line.strip()]
    data["cover"] = [
        (words.text("to"), address_of(letter.addressee)),
        *([(words.text("fax"), numbers)] if numbers else []),
        (words.text("from"), sender + contact),
        (words.text("date"), [words.day(letter.dated_on)]),
        (words.text("reference"), [isolated(letter.reference)]),
        *([("", [isolated(letter.case_number)])] if letter.case_number else []),
        (words.text("subject"), [isolated(letter.subject)]),
    ]
    data["pages_words"] = [words.plural("fax_pages", pages) for pages in range(1, MOST_PAGES + 1)]
    data["words"] = {
        "demonstration": words.text("demonstration"),
        "page": words.text("page"),
        "fax": words.text("fax"),
        "pages": words.text("pages"),
        "wrong": words.text("fax_wrong"),
    }
    return data
