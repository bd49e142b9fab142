"""Pictures for letterheads, drawn for the tests."""

import io

from PIL import Image, ImageDraw


def emblem(
    size: tuple[int, int] = (800, 200), *, colour: str = "#0b6e4f", transparent: bool = False
) -> bytes:
    """A PNG: a disc in a frame as high as the picture."""
    picture = Image.new("RGBA" if transparent else "RGB", size, "#0000" if transparent else "white")
    low = min(size) - 1
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((0, 0, low, low), fill=colour)
    drawing.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=colour, width=3)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
