"""By how much a letter is longer than the two pages that are read."""

import math
from dataclasses import replace

from petitions.documents.entries import VOLUME_SIZE, Letter
from petitions.documents.letter import SMALLEST, letter_data
from petitions.documents.phrases import phrases
from petitions.documents.typesetting import asked

MOST_PAGES = 2
"""A letter that is read has one page, two at most."""


def lines_over(letter: Letter) -> int:
    """Return how many lines a letter is over two pages in the smallest type; 0 where it fits.

    Whatever list it will enclose is taken into account. Ten milliseconds: a bundle can be frozen
    meanwhile. Raises TypesettingProblem.
    """
    data = letter_data(_with_its_list(letter), phrases(letter.language))
    page, end, line, room, top = asked(
        "letter.typ",
        {**data, "size": SMALLEST, "measured": True},
        letter.dated_on,
        "<end>",
        picture=letter.letterhead,
    )
    if page <= MOST_PAGES:
        return 0
    return max(1, math.ceil(((page - MOST_PAGES - 1) * room + end - top) / line))


def _with_its_list(letter: Letter) -> Letter:
    """The letter with enclosures as long as its bundle may name them."""
    listed = letter.counts.listed if letter.names_enclosed and letter.counts else 0
    if not listed:
        return letter
    return replace(
        letter,
        list_pages=listed,
        list_files=math.ceil(listed / VOLUME_SIZE),
        numbers_pages=1 if letter.first_volume and listed > VOLUME_SIZE else None,
    )
