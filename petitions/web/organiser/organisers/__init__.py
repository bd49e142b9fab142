"""The console's pages: accounts of organisers."""

from petitions.web.organiser.organisers import doors, listing, person
from petitions.web.organiser.organisers.base import blueprint

__all__ = ["blueprint", "doors", "listing", "person"]
