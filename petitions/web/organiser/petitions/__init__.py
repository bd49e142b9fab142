"""The console's pages: petitions, with their texts, asks, addressees, consent and states.

Each module holds the pages of one thing; they share one blueprint, one way of saving (`saving`)
and one list of words (`words`).
"""

from petitions.web.organiser.petitions import (
    adding,
    addressees,
    asks,
    beginning,
    changes,
    consent,
    countries,
    facts,
    moving,
    overview,
    previewing,
    publishing,
    texts,
    versions,
)
from petitions.web.organiser.petitions.saving import blueprint

__all__ = [
    "adding",
    "addressees",
    "asks",
    "beginning",
    "blueprint",
    "changes",
    "consent",
    "countries",
    "facts",
    "moving",
    "overview",
    "previewing",
    "publishing",
    "texts",
    "versions",
]
