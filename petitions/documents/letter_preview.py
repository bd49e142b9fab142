"""A letter as PDF in memory, to be looked at before its bundle is frozen.

`python -m petitions.documents.letter_preview` takes a letter as JSON on standard input and gives
the PDF on standard output. A process of its own, because typst keeps what it has set, and what
asks for a preview is a web server that lives long.
"""

import os
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from petitions.documents.entries import Letter
from petitions.documents.letter import write_letter
from petitions.documents.letter_codec import decode_letter, encode_letter
from petitions.documents.set_elsewhere import answer, pdf_from
from petitions.documents.staging import PRIVATE

_SECONDS = 60


def letter_pdf(letter: Letter) -> bytes:
    """Return the letter as a PDF, the same bytes that a bundle of it would hold.

    Raises UnprintableText, with the characters, where no installed font has them, and
    TypesettingProblem.
    """
    head = letter.letterhead
    given = {
        "letter": encode_letter(letter),
        "letterhead": None if head is None else b64encode(head).decode(),
    }
    return pdf_from("petitions.documents.letter_preview", given, _SECONDS)


def _set(given: dict[str, Any]) -> bytes:
    letter = decode_letter(given["letter"], lambda _name: b64decode(given["letterhead"]))
    with tempfile.TemporaryDirectory(prefix="letter-") as folder:
        path = Path(folder) / "letter.pdf"
        write_letter(letter, path)
        return path.read_bytes()


if __name__ == "__main__":
    os.umask(PRIVATE)
    sys.exit(answer(_set))
