"""The console's pages: confirmations as they come in, and what is done about signatures.

Each module holds the pages of one thing; they share one blueprint (`finding`) and one list of
words (`words`).
"""

from petitions.web.organiser.confirmations import (
    answering,
    asking,
    bulk,
    deciding,
    lists,
    mails,
    moving,
    numbers,
    origins,
    papers,
    scans,
    sending,
    trends,
)
from petitions.web.organiser.confirmations.finding import blueprint

__all__ = [
    "answering",
    "asking",
    "blueprint",
    "bulk",
    "deciding",
    "lists",
    "mails",
    "moving",
    "numbers",
    "origins",
    "papers",
    "scans",
    "sending",
    "trends",
]
