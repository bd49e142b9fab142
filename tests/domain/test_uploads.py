"""Uploads: what comes out of pictures of all kinds, and what is refused and how."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from petitions.documents.picture_headers import BrokenHeader, NoPicture, picture_header
from petitions.domain.uploads import (
    MOST_BYTES,
    MOST_PDF_BYTES,
    UploadRefused,
    letterhead,
    open_receipt,
    picture,
    receipt,
    seal_receipt,
)
from petitions.errors import CannotOpen
from petitions.vault import KeyRing

PLACE = b"48.2082"


def quarters(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    """Red, green, blue and white, from top left to bottom right."""
    made = Image.new("RGB", size, "white")
    width, height = size[0] // 2, size[1] // 2
    for colour, at in (("red", (0, 0)), ("lime", (width, 0)), ("blue", (0, height))):
        made.paste(colour, (*at, at[0] + width, at[1] + height))
    return made.convert(mode)


def saved(made: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    made.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(content))
    made.load()
    return made


def corners(made: Image.Image) -> list[str]:
    """The colours of the four corners, by the nearest name."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255,) * 3}
    plain = made.convert("RGB")
    right, low = plain.width - 3, plain.height - 3

    def name(at: tuple[int, int]) -> str:
        seen = plain.getpixel(at)
        assert isinstance(seen, tuple)
        away = {
            key: sum(abs(a - b) for a, b in zip(seen, rgb, strict=True))
            for key, rgb in names.items()
        }
        return min(away, key=away.__getitem__)

    return [name(at) for at in ((2, 2), (right, 2), (2, low), (right, low))]


def located(orientation: int = 1) -> Image.Exif:
    """EXIF as a telephone writes it: orientation, camera, the place."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Telephone"
    exif.get_ifd(0x8825)[2] = (48.2082, 12.0, 0.0)
    exif[0x010E] = PLACE.decode()
    return exif


def png_of(width: int, height: int, *, depth: int = 1, colour: int = 0) -> bytes:
    """A PNG that says it is this large, with hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def refused(content: bytes, take: Callable[[bytes], object] = picture) -> str:
    """The reason of a refusal that warns of nothing and quotes nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UploadRefused) as refusal:
            take(content)
    assert str(refusal.value) == f"the upload was refused: {refusal.value.reason}"
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return refusal.value.reason


# What comes out.


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 90}),
    ],
)
def test_opaque_picture_becomes_a_progressive_jpeg(kind: str, options: dict[str, object]) -> None:
    made = picture(saved(quarters(), kind, **options))
    assert (made.media_type, made.width, made.height) == ("image/jpeg", 120, 80)
    seen = opened(made.content)
    assert (seen.format, seen.size, seen.info["progressive"]) == ("JPEG", (120, 80), 1)
    assert corners(seen) == ["red", "lime", "blue", "white"]


def test_picture_leaves_behind_where_and_with_what_it_was_taken() -> None:
    source = saved(
        quarters(), "JPEG", exif=located(), comment=b"secret", xmp=b"<x:xmpmeta>secret</x:xmpmeta>"
    )
    assert PLACE in source
    assert source.count(b"secret") == 2
    for made in (picture(source).content, letterhead(source)):
        seen = opened(made)
        assert dict(seen.getexif()) == {}
        assert not {"comment", "xmp", "exif", "icc_profile"} & set(seen.info)
        for trace in (PLACE, b"secret", b"Telephone", b"Exif", b"xmp"):
            assert trace not in made


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_lose_their_metadata_too(kind: str) -> None:
    clear = quarters(mode="RGBA")
    clear.putpixel((0, 0), (0, 0, 0, 0))
    made = picture(saved(clear, kind, exif=located(), lossless=True)).content
    assert dict(opened(made).getexif()) == {}
    assert PLACE not in made


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    held = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    taken = quarters() if held is None else quarters().transpose(held)
    made = picture(saved(taken, "JPEG", exif=located(orientation), quality=95))
    assert (made.width, made.height) == (120, 80)
    assert corners(opened(made.content)) == ["red", "lime", "blue", "white"]


def test_orientation_that_cannot_be_read_changes_nothing() -> None:
    for exif in (b"Exif\0\0garbage that is no TIFF", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"):
        made = picture(saved(quarters(), "JPEG", exif=exif, quality=95))
        assert corners(opened(made.content)) == ["red", "lime", "blue", "white"]


def test_picture_taken_upright_fits_the_letterhead_as_it_is_seen() -> None:
    lying = quarters((1200, 4000)).transpose(Image.Transpose.ROTATE_90)
    seen = opened(letterhead(saved(lying, "JPEG", exif=located(6))))
    assert seen.size == (180, 600)


def test_picture_with_transparency_stays_a_png_that_shows_through() -> None:
    clear = quarters(mode="RGBA")
    clear.paste((0, 0, 0, 0), (50, 30, 70, 50))
    palette = quarters().quantize(8)
    palette_png = saved(palette, "PNG", transparency=palette.getpixel((2, 2)))
    grey = quarters(mode="LA")
    grey.putpixel((2, 2), (0, 0))
    for source, at in (
        (saved(clear, "PNG"), (60, 40)),
        (saved(clear, "WEBP", lossless=True), (60, 40)),
        (palette_png, (2, 2)),
        (saved(grey, "PNG"), (2, 2)),
    ):
        made = picture(source)
        seen = opened(made.content)
        assert (made.media_type, seen.format, seen.mode) == ("image/png", "PNG", "RGBA")
        hole, solid = seen.getpixel(at), seen.getpixel((118, 78))
        assert isinstance(hole, tuple)
        assert isinstance(solid, tuple)
        assert (hole[3], solid[3]) == (0, 255)


def test_transparency_that_shows_nothing_through_is_dropped() -> None:
    assert picture(saved(quarters(mode="RGBA"), "PNG")).media_type == "image/jpeg"


def test_print_colours_become_screen_colours() -> None:
    made = picture(saved(quarters(mode="CMYK"), "JPEG", quality=95))
    seen = opened(made.content)
    assert seen.mode == "RGB"
    assert corners(seen) == ["red", "lime", "blue", "white"]


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    deep = Image.new("I;16", (256, 16))
    deep.putdata([shade * 257 for _row in range(16) for shade in range(256)])
    seen = opened(picture(saved(deep, "PNG")).content).convert("L")
    shades = [seen.getpixel((at, 8)) for at in (0, 64, 128, 192, 255)]
    assert shades == pytest.approx([0, 64, 128, 192, 255], abs=3)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours_are_taken(mode: str) -> None:
    made = picture(saved(quarters(mode=mode), "PNG"))
    assert (made.media_type, made.width) == ("image/jpeg", 120)


def test_colour_profile_is_applied_before_it_is_dropped() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = bytearray(lab)
    # Red and green change places: what the camera calls red is shown as green.
    tags = {lab[at : at + 4]: at for at in range(132, 132 + 12 * lab[131], 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    wide[red + 4 : red + 12], wide[green + 4 : green + 12] = (
        lab[green + 4 : green + 12],
        lab[red + 4 : red + 12],
    )
    seen = opened(picture(saved(quarters(), "JPEG", icc_profile=bytes(wide), quality=95)).content)
    assert corners(seen) == ["lime", "red", "blue", "white"]
    assert "icc_profile" not in seen.info
    broken = picture(saved(quarters(), "JPEG", icc_profile=b"no profile", quality=95))
    assert corners(opened(broken.content)) == ["red", "lime", "blue", "white"]


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((2400, 1200), 1600, (1600, 800)),
        ((1200, 2400), 1600, (800, 1600)),
        ((300, 200), 1600, (300, 200)),
        ((300, 200), 30, (30, 20)),
        ((5000, 1), 100, (100, 1)),
    ],
)
def test_picture_is_scaled_down_and_never_up(
    size: tuple[int, int], longest: int, expected: tuple[int, int]
) -> None:
    for kind in ("JPEG", "PNG"):
        made = picture(saved(quarters(size), kind), longest=longest)
        assert (made.width, made.height) == expected == opened(made.content).size


def test_same_file_gives_the_same_picture() -> None:
    source = saved(quarters(), "WEBP")
    assert picture(source) == picture(source)


def test_first_frame_stands_for_a_moving_picture() -> None:
    frames = [quarters(), Image.new("RGB", (120, 80), "black")]
    for kind in ("PNG", "WEBP"):
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        seen = opened(picture(moving).content)
        assert corners(seen) == ["red", "lime", "blue", "white"]


def test_letterhead_is_a_png_of_bounded_size() -> None:
    for source, size in (
        (saved(quarters((4000, 600)), "JPEG"), (2000, 300)),
        (saved(quarters((900, 1200), "RGBA"), "PNG"), (450, 600)),
        (saved(quarters((100, 50)), "WEBP"), (100, 50)),
    ):
        seen = opened(letterhead(source))
        assert (seen.format, seen.size) == ("PNG", size)


# What is refused.


def test_what_is_no_picture_is_refused_whatever_it_is_called() -> None:
    for content in (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><title>picture.jpg</title><script>alert(1)</script>",
        saved(quarters(), "GIF"),
        saved(quarters(), "TIFF"),
        saved(quarters(), "BMP"),
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"RIFF\0\0\0\0WAVEfmt ",
    ):
        assert refused(content) == "not a picture"
        assert refused(content, letterhead) == "not a picture"


def test_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decoded(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("this must not be decoded")

    monkeypatch.setattr("petitions.domain.uploads.renewed", decoded)
    riff = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 4
    for content in (
        png_of(50_000, 50_000),
        png_of(40_000_001, 1),
        png_of(2**32 - 1, 2**32 - 1),
        b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + b"\0" * 9,
        riff + (16_382).to_bytes(3, "little") * 2,
        b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 0x0FFF_FFFF),
        b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f",
    ):
        assert refused(content) == "too many pixels"


def test_forty_million_pixels_are_taken() -> None:
    made = picture(saved(Image.new("L", (8000, 5000), 128), "JPEG"))
    assert (made.width, made.height) == (1600, 1000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_cut_off_is_refused(kind: str) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    whole = saved(noise, kind)
    for share in (0.02, 0.3, 0.9):
        assert refused(whole[: int(len(whole) * share)]) == "damaged"


def test_damaged_and_hostile_pictures_are_refused() -> None:
    small = saved(quarters(), "PNG")
    bomb = zlib.compress(b"\0" * (64 << 20))
    text = b"zTXt" + b"Comment\0\0" + bomb
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    jpeg = saved(quarters(), "JPEG")
    for content in (
        png_of(4000, 4000, depth=8, colour=2),  # far more announced than there is
        small[:33] + chunk + small[33:],
        small[:40] + b"\0" * 40 + small[80:],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 5000,
        jpeg[:2] + b"\xff\xd9",
        jpeg[:-400] if len(jpeg) > 1000 else jpeg[: len(jpeg) // 2],
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 40,
    ):
        assert refused(content) == "damaged"


def test_picture_that_is_something_else_as_well_is_a_picture_alone_afterwards() -> None:
    script, archive = b"<script>alert(1)</script>", b"PK\x03\x04hidden"
    for kind in ("JPEG", "PNG", "WEBP"):
        made = picture(saved(quarters(), kind) + script + archive).content
        assert b"script" not in made
        assert b"PK" not in made
    jpeg = saved(quarters(), "JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", len(script) + 2) + script
    assert b"script" not in picture(jpeg[:2] + comment + jpeg[2:]).content


def test_file_of_too_many_bytes_is_refused() -> None:
    jpeg = saved(quarters(), "JPEG")
    assert picture(jpeg.ljust(MOST_BYTES, b"\0")).width == 120
    assert refused(jpeg.ljust(MOST_BYTES + 1, b"\0")) == "too large"


@settings(max_examples=300)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b""]),
    st.binary(max_size=80),
)
def test_header_is_read_or_refused_whatever_the_bytes(begins: bytes, rest: bytes) -> None:
    try:
        header = picture_header(begins + rest)
    except (NoPicture, BrokenHeader):
        return
    assert min(header.width, header.height) >= 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (640, 1)])
def test_header_says_the_size_that_pillow_reads(
    kind: str, mode: str, size: tuple[int, int]
) -> None:
    if (kind, mode) == ("JPEG", "RGBA"):
        mode = "CMYK"
    for options in ({}, {"lossless": True}, {"exif": located()}):
        content = saved(Image.new(mode, size), kind, **options)
        assert picture_header(content) == (kind, *size)


# Receipts.


def test_receipt_that_is_a_pdf_stays_as_it_is() -> None:
    pdf = b"%PDF-1.7\nreceived\n%%EOF\n"
    assert receipt(pdf) == ("application/pdf", pdf)
    assert receipt(pdf.ljust(MOST_PDF_BYTES))[1] == pdf.ljust(MOST_PDF_BYTES)
    assert refused(pdf.ljust(MOST_PDF_BYTES + 1), receipt) == "too large"
    assert refused(b" " + pdf, receipt) == "not a picture"


def test_receipt_that_is_a_picture_is_written_anew() -> None:
    media_type, content = receipt(saved(quarters((3000, 2000)), "JPEG", exif=located()))
    assert media_type == "image/jpeg"
    assert opened(content).size == (2400, 1600)
    assert PLACE not in content


def test_sealed_receipt_opens_for_its_delivery_alone(tmp_path: Path) -> None:
    keyring = KeyRing(tmp_path, "k" * 44)
    content = b"%PDF-1.7\nreceived by the ministry"
    sealed = seal_receipt(keyring, "delivery 5", content)
    assert b"ministry" not in sealed
    assert open_receipt(keyring, "delivery 5", sealed) == content
    for other, key in ((keyring, "delivery 6"), (KeyRing(tmp_path, "o" * 44), "delivery 5")):
        with pytest.raises(CannotOpen):
            open_receipt(other, key, sealed)


def test_uploads_are_quiet_in_a_repr() -> None:
    assert "content" not in repr(picture(saved(quarters(), "JPEG")))
