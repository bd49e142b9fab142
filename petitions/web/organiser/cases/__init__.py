"""The console's pages: cases, with all that hangs on them.

Each module holds the pages of one thing; they share one blueprint, one way of saving
(`saving`) and one list of words (`words`).
"""

from petitions.web.organiser.cases import (
    drafts,
    facts,
    held,
    hiding,
    overview,
    people,
    permission,
    pictures,
    texts,
    update_publishing,
    updates,
    versions,
)
from petitions.web.organiser.cases.saving import blueprint
from petitions.web.organiser.cases.words import missing_words

__all__ = [
    "blueprint",
    "drafts",
    "facts",
    "held",
    "hiding",
    "missing_words",
    "overview",
    "people",
    "permission",
    "pictures",
    "texts",
    "update_publishing",
    "updates",
    "versions",
]
