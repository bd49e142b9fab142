"""A letter, or its fax, as PDF or pictures in memory: to be looked at before it is frozen.

`python -m petitions.documents.letter_preview` takes a letter as JSON on standard input and gives
the PDF, or the pictures in JSON, on standard output. A process of its own, because typst keeps
what it has set, and what
asks for a preview is a web server that lives long.
"""

import json
import os
import sys
import tempfile
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path
from typing import Any

from petitions.documents.entries import Letter
from petitions.documents.fax import fax_pictures, write_fax
from petitions.documents.letter import letter_pictures as draw_letter
from petitions.documents.letter import write_letter
from petitions.documents.letter_codec import decode_letter, encode_letter
from petitions.documents.set_elsewhere import answer, pdf_from
from petitions.documents.staging import PRIVATE

_MODULE = "petitions.documents.letter_preview"
_SECONDS = 60


def letter_pdf(letter: Letter, *, as_fax: bool = False) -> bytes:
    """Return the letter as a PDF, the same bytes that a bundle of it would hold, or as a fax.

    Raises UnprintableText, with the characters, where no installed font has them, and
    TypesettingProblem.
    """
    return pdf_from(_MODULE, _given(letter, as_fax=as_fax, pictures=False), _SECONDS)


@lru_cache(maxsize=8)
def letter_pictures(letter: Letter, *, as_fax: bool = False) -> tuple[bytes, ...]:
    """Return the pages of a letter, or of its fax, as PNG. Raises as `letter_pdf` does.

    The last ones are remembered: a page of the console shows each picture by an address of its own.
    """
    drawn = pdf_from(_MODULE, _given(letter, as_fax=as_fax, pictures=True), _SECONDS)
    return tuple(map(b64decode, json.loads(drawn)))


def _given(letter: Letter, *, as_fax: bool, pictures: bool) -> dict[str, Any]:
    head = letter.letterhead
    return {
        "letter": encode_letter(letter),
        "letterhead": None if head is None else b64encode(head).decode(),
        "as_fax": as_fax,
        "pictures": pictures,
    }


def _set(given: dict[str, Any]) -> bytes:
    letter = decode_letter(given["letter"], lambda _name: b64decode(given["letterhead"]))
    with tempfile.TemporaryDirectory(prefix="letter-") as folder:
        path = Path(folder) / "letter.pdf"
        if given["pictures"]:
            drawn = fax_pictures(letter) if given["as_fax"] else draw_letter(letter, path)
            return json.dumps([b64encode(page).decode() for page in drawn]).encode()
        (write_fax if given["as_fax"] else write_letter)(letter, path)
        return path.read_bytes()


if __name__ == "__main__":
    os.umask(PRIVATE)
    sys.exit(answer(_set))
