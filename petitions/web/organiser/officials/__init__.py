"""The console's pages on officials: the list, one official, entering one from paper, changing."""

from petitions.web.organiser.officials import editing, entering, listing, wording
from petitions.web.organiser.officials.blueprint import blueprint

__all__ = ["blueprint", "editing", "entering", "listing", "wording"]
