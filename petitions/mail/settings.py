"""How this site mails: put together once by the roof."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Sender, relay, and in a demonstration the mailbox that each mail is filed in."""

    sender: str
    smtp_url: str | None = field(default=None, repr=False)
    mailbox: Path | None = None

    @property
    def leads_anywhere(self) -> bool:
        """Whether a mail can leave at all; if not, mails wait."""
        return self.smtp_url is not None or self.mailbox is not None
