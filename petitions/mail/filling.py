"""A template of a mail and what fills it: what is decided about a mail, and then composed."""

from dataclasses import dataclass, field
from datetime import datetime

from petitions.domain.outbox import ClaimedMail
from petitions.i18n import SOURCE


@dataclass(frozen=True, slots=True)
class Content:
    """The template of a mail, and what it is filled with."""

    template: str
    links: dict[str, str] = field(repr=False)
    until: datetime | None = None
    since: datetime | None = None
    """When the signer confirmed, where a mail comes long after."""


def language_of(mail: ClaimedMail) -> str:
    """Return what opens a page in the mail's language: Tor Browser asks for English always."""
    return "" if mail.language == SOURCE else f"?lang={mail.language}"
