"""The console's pages: accounts of organisers."""

from petitions.web.organiser.organisers import cases, doors, listing, person
from petitions.web.organiser.organisers.base import blueprint

__all__ = ["blueprint", "cases", "doors", "listing", "person"]
