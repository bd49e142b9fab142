"""The sheet with the numbers that is handed over with the first volume of a very long list.

It tells how many signed and how, which numbers stand in which volume, and the lines by country. How
it looks is in `volumes.typ`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from petitions.documents.entries import Letter, ListHeading, VolumeTold
from petitions.documents.letter import sentences_of
from petitions.documents.phrases import is_right_to_left, phrases
from petitions.documents.typesetting import isolated, typeset


def write_numbers(
    letter: Letter,
    heading: ListHeading,
    volumes: Sequence[VolumeTold],
    by_country: Mapping[str, int],
    path: Path,
) -> int:
    """Write the sheet as a PDF and return its pages. Raises TypesettingProblem."""
    words = phrases(heading.language)
    title = words.text("numbers_heading")
    named = sorted((words.country(code), number) for code, number in by_country.items())
    data = {
        "lang": words.language,
        "rtl": is_right_to_left(words.language),
        "demonstration": heading.demonstration,
        "title": f"{title}: {heading.petition}",
        "heading": title,
        "footer": isolated(heading.reference),
        "facts": [
            (words.text("petition"), isolated(heading.petition)),
            (words.text("addressee"), isolated(heading.addressee)),
            (words.text("reference"), isolated(heading.reference)),
            (words.text("date"), words.day(heading.dated_on)),
        ],
        "numbers": sentences_of(letter),
        "about": words.text("numbers_about"),
        "volumes": [
            (words.number(at), f"{volume.first}–{volume.last}", words.number(volume.pages))
            for at, volume in enumerate(volumes, 1)
        ],
        "countries": [(name, words.number(number)) for name, number in named],
        "words": {
            "demonstration": words.text("demonstration"),
            "page": words.text("page"),
            "by_country": words.text("by_country"),
            "volume_columns": [words.text(key) for key in ("volume", "numbers", "pages")],
            "country_columns": [words.columns()[3], words.text("lines")],
        },
    }
    return typeset("volumes.typ", data, path, heading.dated_on)
