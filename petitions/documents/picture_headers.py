"""What a picture's first bytes say of it: its kind and size, before anything decodes it.

JPEG (ITU T.81), PNG (W3C) and WebP (RFC 9649), and no other kind: those are what browsers show and
what can be read without running anything in it.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

PNG, JPEG, WEBP = "PNG", "JPEG", "WEBP"

# Of the markers C0 to CF, these three begin no frame: Huffman tables, an extension, conditioning.
_NO_FRAME = {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length


class PictureHeader(NamedTuple):
    """The kind of a picture, as Pillow names it, and its size in pixels."""

    kind: str
    width: int
    height: int


class NoPicture(ValueError):
    """The file does not begin as a picture of the three kinds does."""


class BrokenHeader(ValueError):
    """The file begins as a picture does, and its size cannot be read."""


def is_png(content: bytes) -> bool:
    """Whether the file begins as a PNG with a size does."""
    try:
        return picture_header(content).kind == PNG
    except (NoPicture, BrokenHeader):
        return False


def picture_header(content: bytes) -> PictureHeader:
    """Return kind and size. Raises NoPicture and BrokenHeader."""
    for begins, kind, size_of in (
        (content.startswith(b"\x89PNG\r\n\x1a\n"), PNG, _png_size),
        (content.startswith(b"\xff\xd8\xff"), JPEG, _jpeg_size),
        (content[:4] == b"RIFF" and content[8:12] == b"WEBP", WEBP, _webp_size),
    ):
        if begins:
            try:
                width, height = size_of(content)
            except (struct.error, IndexError) as problem:
                raise BrokenHeader(f"this {kind} has no size") from problem
            if width < 1 or height < 1:
                raise BrokenHeader(f"this {kind} has no size")
            return PictureHeader(kind, width, height)
    raise NoPicture("this is no JPEG, PNG or WebP")


def _png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    for marker, at in _jpeg_segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
    return 0, 0


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Each marker up to the first scan, with the place of its segment's length."""
    at = 2
    while content[at] == 0xFF:
        at += 1
        marker = content[at]
        if marker == 0xFF:  # filling
            continue
        at += 1
        if marker in _ALONE:
            continue
        if marker in {0xD9, 0xDA}:  # the end, or the picture's data without a frame
            return
        yield marker, at
        at += max(2, struct.unpack_from(">H", content, at)[0])


def _webp_size(content: bytes) -> tuple[int, int]:
    chunk = content[12:16]
    if chunk == b"VP8X":
        return _three(content, 24) + 1, _three(content, 27) + 1
    if chunk == b"VP8L" and content[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _three(content: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", content, at)
    return int(low) | int(high) << 16
