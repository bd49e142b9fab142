"""The console's pages on officials: the list, one of them, entering, changing, files, merging."""

from petitions.web.organiser.officials import (
    duplicates,
    editing,
    entering,
    holding,
    listing,
    sheets,
    wording,
)
from petitions.web.organiser.officials.blueprint import blueprint

__all__ = [
    "blueprint",
    "duplicates",
    "editing",
    "entering",
    "holding",
    "listing",
    "sheets",
    "wording",
]
