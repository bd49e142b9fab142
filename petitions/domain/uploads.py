"""What organisers upload: pictures, a letterhead, receipts. Nothing is kept as it came but a PDF.

Pictures are written anew, which leaves behind where and with what they were taken. Receipts are
sealed before they are stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from petitions.documents.picture_headers import BrokenHeader, NoPicture, picture_header
from petitions.documents.pictures import MOST_PIXELS, NewPicture, PictureDamaged, renewed
from petitions.domain.virus_scanning import verdict
from petitions.errors import PetitionsError
from petitions.vault import KeyRing, open_with, seal_with

MOST_BYTES = 20 << 20
"""Of a picture as it comes; a telephone's largest have about 15 million."""
MOST_PDF_BYTES = 8 << 20
LETTERHEAD_BOX = (2000, 600)
PDF = "application/pdf"

_RECEIPT_LONGEST = 2400  # a page of small type can still be read

Reason = Literal[
    "not a picture", "too large", "too many pixels", "damaged", "infected", "not scanned"
]


class UploadRefused(PetitionsError):
    """An upload cannot be taken; `reason` says why, for the page to say in words of its own."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the upload was refused: {reason}")
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class UploadedPicture:
    """A picture as it may be shown: JPEG, or PNG where something shows through; no metadata."""

    media_type: str
    content: bytes = field(repr=False)
    width: int
    height: int


def picture(content: bytes, *, longest: int = 1600) -> UploadedPicture:
    """Return an uploaded JPEG, PNG or WebP as it may be shown, upright, its longest side limited.

    Raises UploadRefused.
    """
    made = _renewed(content, box=(longest, longest))
    return UploadedPicture(made.media_type, made.content, made.width, made.height)


def letterhead(content: bytes) -> bytes:
    """Return an uploaded picture as the PNG that letters show. Raises UploadRefused."""
    return _renewed(content, box=LETTERHEAD_BOX, png=True).content


def receipt(content: bytes, scanner: Sequence[str] = ()) -> tuple[str, bytes]:
    """Return media type and bytes of a receipt: a PDF as it is, or a picture written anew.

    `scanner` is a command that is asked about a PDF. Raises UploadRefused.
    """
    if content.startswith(b"%PDF-"):
        if len(content) > MOST_PDF_BYTES:
            raise UploadRefused("too large")
        if (found := verdict(scanner, content)) != "clean":
            raise UploadRefused("infected" if found == "infected" else "not scanned")
        return PDF, content
    made = picture(content, longest=_RECEIPT_LONGEST)
    return made.media_type, made.content


def seal_receipt(keyring: KeyRing, delivery_key: str, content: bytes) -> bytes:
    """Seal a receipt; under another `delivery_key` it does not open."""
    return seal_with(keyring.derived("receipts"), content, _context(delivery_key))


def open_receipt(keyring: KeyRing, delivery_key: str, sealed: bytes) -> bytes:
    """Invert `seal_receipt`. Raises CannotOpen."""
    return open_with(keyring.derived("receipts"), sealed, _context(delivery_key))


def _renewed(content: bytes, *, box: tuple[int, int], png: bool = False) -> NewPicture:
    if len(content) > MOST_BYTES:
        raise UploadRefused("too large")
    try:
        header = picture_header(content)
        if header.width * header.height > MOST_PIXELS:
            raise UploadRefused("too many pixels")
        return renewed(content, box=box, png=png)
    except NoPicture:
        raise UploadRefused("not a picture") from None
    except (BrokenHeader, PictureDamaged):
        raise UploadRefused("damaged") from None


def _context(delivery_key: str) -> bytes:
    return f"receipt {delivery_key}".encode()
