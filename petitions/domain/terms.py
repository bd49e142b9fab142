"""How long personal data is kept: the operator's terms."""

from dataclasses import dataclass
from datetime import timedelta

CONFIRM_WITHIN = timedelta(days=7)
"""How long links in mails live, and whoever signed may confirm."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Each term begins where its name says; what the terms end is deleted by the worker."""

    unconfirmed: timedelta = CONFIRM_WITHIN
    """From signing, for who never confirms. Never longer: links in mails live no longer."""
    names: timedelta = timedelta(days=90)
    """From the day on which nothing more is handed over, for all who signed a petition."""
