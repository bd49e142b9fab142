"""Decoding a picture from strangers and writing it anew: the program that `pictures` runs.

One line of JSON and the file on standard input; one line of JSON and the new file on standard
output. Whatever a decoder raises ends the program: a damaged file has no other answer.
"""

import io
import json
import os
import struct
import sys
from contextlib import suppress

from PIL import Image, ImageCms

from petitions.confined import open_nothing_more, take_little
from petitions.documents.picture_headers import PictureHeader, picture_header
from petitions.documents.pictures import MOST_PIXELS, SECONDS, NewPicture, PictureDamaged

JPEG_QUALITY = 82

_MEMORY = 1536 << 20  # 40 million pixels of WebP with transparency need about half
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = {5, 6, 7, 8}


def renew(content: bytes, *, box: tuple[int, int], png: bool) -> NewPicture:
    """Do what `pictures.renewed` says. Raises whatever a decoder raises over a damaged file."""
    header = picture_header(content)
    with Image.open(io.BytesIO(content), formats=(header.kind,)) as opened:
        if opened.size != (header.width, header.height) or _pixels(header) > MOST_PIXELS:
            raise PictureDamaged("the header says two sizes")
        opened.draft(None, (2 * max(box), 2 * max(box)))  # a large JPEG is decoded at a fraction
        opened.load()
        orientation = _orientation(opened)
        if orientation in _LYING:
            box = (box[1], box[0])
        picture = _upright(_fitted(_plain(opened), box), orientation)
    # Only pixels: comments, profiles and places stay behind in what was opened.
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    file = io.BytesIO()
    if png or bare.mode == "RGBA":
        bare.save(file, "PNG", optimize=True)
        return NewPicture("image/png", *bare.size, file.getvalue())
    bare.save(file, "JPEG", quality=JPEG_QUALITY, progressive=True, optimize=True)
    return NewPicture("image/jpeg", *bare.size, file.getvalue())


def _pixels(header: PictureHeader) -> int:
    return header.width * header.height


def _plain(picture: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel: grey, RGB, or RGBA where something shows through."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey; converting alone would cut off all that is not black.
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        clear = _in_srgb(picture.convert("RGBA"), picture.info.get("icc_profile"))
        return clear.convert("RGB") if clear.getchannel("A").getextrema()[0] == 255 else clear
    if picture.mode in {"1", "L", "LA"}:
        return picture.convert("L")
    if picture.mode == "P":
        picture = picture.convert("RGB")
    return _in_srgb(picture, picture.info.get("icc_profile")).convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture's colours without its profile, which a phone's camera puts there for a reason."""
    if not profile:
        return picture
    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    # A profile that is broken, or of another kind of picture, changes nothing.
    with suppress(ImageCms.PyCMSError, OSError):
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=wanted,
        )
        return converted or picture
    return picture


def _orientation(picture: Image.Image) -> int:
    """How the camera was held, by EXIF: 1 for upright, and where that cannot be read."""
    with suppress(SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return int(picture.getexif().get(_ORIENTATION, 1))
    return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _fitted(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    scale = min(1, box[0] / picture.width, box[1] / picture.height)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _main() -> None:
    take_little(memory=_MEMORY, seconds=SECONDS)
    Image.init()  # all kinds that there are: later their code could not be opened
    open_nothing_more()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    asked = json.loads(sys.stdin.buffer.readline())
    made = renew(sys.stdin.buffer.read(), box=tuple(asked["box"]), png=asked["png"])
    said = {"media_type": made.media_type, "width": made.width, "height": made.height}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + made.content)


if __name__ == "__main__":
    os.umask(0o077)
    _main()
