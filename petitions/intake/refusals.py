"""The one error of reading; its message is a line for a person and names nobody."""

from petitions.errors import PetitionsError


class IntakeError(PetitionsError):
    """The document cannot be read, or is no Urgent Action; the message says which."""
