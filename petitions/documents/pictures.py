"""Writing a picture anew, so that nothing of the file that came is left but what is seen.

It happens in a process of its own (`picture_decoding`) with little memory and time: decoders are
where hostile files strike, and whatever goes wrong in one ends there. Nothing is decoded here.
"""

import json
import subprocess  # nosec B404  # our own programs alone
import sys
from dataclasses import dataclass, field

from petitions.documents.own_process import environment

MOST_PIXELS = 40_000_000
SECONDS = 30


class PictureDamaged(ValueError):
    """No picture could be made of the file."""


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture written anew: its media type, size and bytes."""

    media_type: str
    width: int
    height: int
    content: bytes = field(repr=False)


def renewed(content: bytes, *, box: tuple[int, int], png: bool = False) -> NewPicture:
    """Return the picture upright, no larger than `box`, in sRGB and without any metadata.

    A JPEG, or a PNG where something shows through, or always with `png`. Of a moving picture it is
    the first frame. The caller has looked at its header (`picture_headers`) and found no more than
    MOST_PIXELS. Raises PictureDamaged.
    """
    asked = json.dumps({"box": box, "png": png}).encode()
    try:
        ran = subprocess.run(  # nosec B603  # our own program
            [sys.executable, "-P", "-W", "ignore", "-m", "petitions.documents.picture_decoding"],
            env=environment(),
            input=asked + b"\n" + content,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise PictureDamaged("the picture took too long to be read") from None
    if ran.returncode:
        raise PictureDamaged(f"the picture could not be read (exit status {ran.returncode})")
    said, made = ran.stdout.split(b"\n", 1)
    return NewPicture(**json.loads(said), content=made)
