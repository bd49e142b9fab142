"""The console's pages on deliveries: logged, corrected, followed up, with receipts and replies."""

from petitions.web.organiser.deliveries import lists, logging, receipts, replies, showing
from petitions.web.organiser.deliveries.address import blueprint

__all__ = ["blueprint", "lists", "logging", "receipts", "replies", "showing"]
