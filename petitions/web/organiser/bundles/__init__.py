"""The console's pages on bundles: choose addressees, see the letter, build, download, look back."""

from petitions.web.organiser.bundles import (
    agreeing,
    building,
    choosing,
    editing,
    mailing,
    previewing,
    showing,
)
from petitions.web.organiser.bundles.address import blueprint

__all__ = [
    "agreeing",
    "blueprint",
    "building",
    "choosing",
    "editing",
    "mailing",
    "previewing",
    "showing",
]
