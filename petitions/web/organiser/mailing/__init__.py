"""The console's pages: news to signers, written, tried, sent at a pace, paused, reported."""

from petitions.web.organiser.mailing import listing, previewing, sending, writing
from petitions.web.organiser.mailing.finding import blueprint

__all__ = ["blueprint", "listing", "previewing", "sending", "writing"]
