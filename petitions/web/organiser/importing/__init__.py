"""Importing an Urgent Action in the console: a paper in, a draft beside it, a case out."""

from petitions.web.organiser.importing.pages import blueprint

__all__ = ["blueprint"]
