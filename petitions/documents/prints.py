"""What is shared, hung up or taken along: cards, posters, sheets, papers for a delivery.

No signer is named on any of them. Texts come in the reader's language, fixed words too. Setting is
done in processes of their own, a few at a time, by `prints_press`.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, cast

import qrcode
import qrcode.image.svg
from anyascii import anyascii

from petitions.documents.coverage import covers
from petitions.documents.phrases import is_right_to_left
from petitions.documents.typesetting import draw, isolated, typeset

Paper = Literal["a4", "us-letter"]
Kind = Literal["card", "poster", "sheet", "numbers", "points", "slip", "labels"]
FEWEST_LINES = 8
_COPIED_AS_IT_IS = frozenset({"address"})

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]
"""What a template is given: texts, numbers, and lists and tables of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """One print: its kind, its language (BCP 47), what stands on it, and the address of its code.

    `texts` are what the template of that name asks for; each is plain text, never markup.
    """

    kind: Kind
    language: str
    dated_on: date
    texts: Mapping[str, Value]
    paper: Paper = "a4"
    address: str = ""


def set_print(wanted: Print) -> bytes:
    """Return a print in this process: a card as PNG, a poster or a sheet as PDF.

    Characters that no installed font has are printed in Latin letters. Raises TypesettingProblem.
    """
    data = {
        **cast("dict[str, object]", _printable(wanted.texts)),
        "lang": wanted.language.split("-")[0].lower(),
        "rtl": is_right_to_left(wanted.language),
        "paper": wanted.paper,
    }
    if wanted.kind == "card":
        return draw("card.typ", data)
    paper = _Paper()
    code = qr_svg(wanted.address)
    typeset(f"{wanted.kind}.typ", data, cast("Path", paper), wanted.dated_on, picture=code)
    return paper.pdf


def qr_svg(text: str) -> bytes:
    """Return a QR code (ISO/IEC 18004, error correction M) as SVG, black on white."""
    return _drawn(text, qrcode.image.svg.SvgPathFillImage)


def qr_png(text: str) -> bytes:
    """Return the same as PNG."""
    return _drawn(text, None)


def _drawn(text: str, factory: object) -> bytes:
    drawn = io.BytesIO()
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=10, border=4)
    code.add_data(text)
    code.make_image(image_factory=factory).save(drawn)
    return drawn.getvalue()


class _Paper:
    """Takes what `typeset` writes, in memory."""

    pdf = b""

    def write_bytes(self, pdf: bytes) -> int:
        self.pdf = pdf
        return len(pdf)


def _printable(value: Value, key: str = "") -> object:
    if isinstance(value, str):
        if key in _COPIED_AS_IT_IS:
            return value
        return isolated(value if covers(value) else anyascii(value))
    if isinstance(value, Mapping):
        return {name: _printable(inner, name) for name, inner in value.items()}
    if isinstance(value, int):
        return value
    return [_printable(inner) for inner in value]
