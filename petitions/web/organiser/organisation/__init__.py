"""The console's pages on the organisation: who it is, its letters, its contact offices."""

from petitions.web.organiser.organisation import editing, letters, offices
from petitions.web.organiser.organisation.blueprint import blueprint

__all__ = ["blueprint", "editing", "letters", "offices"]
