"""Smaller sizes of a picture, made when they are first asked for and kept on the disk.

What is kept has the picture's id and the digest of its bytes in its name: a file that belongs to
another picture is never taken for this one, whatever became of ids. Whether anybody may see the
picture is asked elsewhere, each time, before anything here is read.
"""

import hashlib
import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore

from petitions.documents.pictures import NewPicture, PictureDamaged, renewed

WIDTHS = (320, 640, 960, 1280)
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png"}
_room = BoundedSemaphore(2)
"""Who finds no room gets the picture as it is: larger, and at once."""


def widths_below(width: int) -> tuple[int, ...]:
    """Return the sizes that a picture of this width is offered in, besides its own."""
    return tuple(each for each in WIDTHS if each <= width * 0.9)


def smaller(folder: Path, picture_id: int, picture: NewPicture, width: int) -> NewPicture:
    """Return a picture in a smaller width; as it is where that cannot be made, or not now."""
    digest = hashlib.sha256(picture.content).hexdigest()[:32]
    height = max(1, round(picture.height * width / picture.width))
    stem = f"{picture_id}-{digest}-{width}"
    if (kept := _kept(folder, stem, (width, height))) is not None:
        return kept
    if not _room.acquire(blocking=False):
        return picture
    try:
        made = renewed(picture.content, box=(width, -(-picture.height * width // picture.width)))
    except PictureDamaged:
        return picture
    finally:
        _room.release()
    _keep(folder, stem + _ENDINGS[made.media_type], made.content)
    return made


def forget(folder: Path, picture_ids: Collection[int]) -> None:
    """Remove all sizes of some pictures."""
    for picture_id in picture_ids:
        for path in folder.glob(f"{picture_id}-*"):
            path.unlink(missing_ok=True)


def forget_all_but(folder: Path, picture_ids: Collection[int]) -> int:
    """Remove the sizes of all other pictures, and what is none; return how many files it was."""
    if not folder.is_dir():
        return 0
    known = {str(picture_id) for picture_id in picture_ids}
    strays = [path for path in folder.iterdir() if path.name.partition("-")[0] not in known]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _kept(folder: Path, stem: str, size: tuple[int, int]) -> NewPicture | None:
    for media_type, ending in _ENDINGS.items():
        with suppress(OSError):
            return NewPicture(media_type, *size, (folder / f"{stem}{ending}").read_bytes())
    return None


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Write a file in one step, so that nobody reads half of it. A full disk is no failure."""
    part = folder / f"{name.partition('-')[0]}-{secrets.token_hex(8)}.part"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            os.replace(part, folder / name)
        finally:
            part.unlink(missing_ok=True)
