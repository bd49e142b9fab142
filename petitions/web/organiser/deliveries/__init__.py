"""The console's pages on deliveries: the board, logged, corrected, with receipts and replies."""

from petitions.web.organiser.deliveries import (
    lists,
    logging,
    papers,
    receipts,
    replies,
    showing,
    week,
)
from petitions.web.organiser.deliveries.address import blueprint

__all__ = [
    "blueprint",
    "lists",
    "logging",
    "papers",
    "receipts",
    "replies",
    "showing",
    "week",
]
