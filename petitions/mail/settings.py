"""How this site mails: put together once by the roof."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Sender, relay, and in a demonstration the mailbox that each mail is filed in."""

    sender: str
    bounce_address: str = ""
    """Where mails that cannot be delivered come back to; empty where nobody reads them."""
    smtp_url: str | None = field(default=None, repr=False)
    mailbox: Path | None = None
    connections: int = 4
    """How many mails are on their way to the relay at the same time, by each worker."""
    per_second: int = 0
    """The pace that a worker keeps, 0 for any."""
    slow_per_second: int = 5
    """The pace where mails give way to heavy load, if `per_second` is not slower anyway."""
    official_seconds: int = 20
    """Between two mails to officials, whoever they go to: a campaign is no flood."""
    official_link_days: int = 14
    """How long a link in such a mail leads to the files."""

    def envelope_sender(self, return_id: str | None) -> str | None:
        """Return the sender of the envelope, with the id under which the mail may come back."""
        if not return_id or not self.bounce_address:
            return None
        local, _, domain = self.bounce_address.rpartition("@")
        return f"{local}+{return_id}@{domain}"

    @property
    def leads_anywhere(self) -> bool:
        """Whether a mail can leave at all; if not, mails wait."""
        return self.smtp_url is not None or self.mailbox is not None
