"""The accent colour of a letterhead: whether text in it can be read on white paper (WCAG 2.2).

Nothing here knows what is coloured.
"""

import re

INK = "#000000"
READABLE_CONTRAST = 4.5
"""Text in less contrast than this is not readable for everybody (WCAG 2.2, 1.4.3)."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether the text is a colour as '#rrggbb'."""
    return _COLOUR.fullmatch(text) is not None


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of a colour ('#rrggbb') on white: from 1, white, to 21, black."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 1.05 / (luminance + 0.05)


def text_colour(accent: str) -> str:
    """The accent colour where text in it is readable on white, otherwise ink."""
    return accent if accent and contrast_with_white(accent) >= READABLE_CONTRAST else INK


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
