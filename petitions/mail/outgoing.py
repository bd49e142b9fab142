"""Where mails go: into a demonstration's mailbox, over SMTP, or both."""

from email.message import EmailMessage

from petitions.mail.filled import Filled
from petitions.mail.mailbox import DemonstrationMailbox
from petitions.mail.settings import MailSettings
from petitions.mail.transport import SmtpTransport


class Outgoing:
    """One worker's way out. Not for several threads, save abort()."""

    def __init__(self, settings: MailSettings) -> None:
        self._mailbox = DemonstrationMailbox(settings.mailbox) if settings.mailbox else None
        self._smtp = SmtpTransport(settings.smtp_url) if settings.smtp_url else None

    def deliver(self, message: EmailMessage | Filled, sender: str | None = None) -> None:
        """Hand over one message, in the envelope from `sender` if given.

        Raises RetryLater, RelayDown, Refused.
        """
        if self._mailbox and isinstance(message, EmailMessage):
            self._mailbox.file(message)
        if self._smtp:
            self._smtp.send(message, sender)

    def rest(self) -> None:
        """Nothing to do for now: an idle connection is given up after a while."""
        if self._smtp:
            self._smtp.close_idle()

    def close(self) -> None:
        """End the connection."""
        if self._smtp:
            self._smtp.close()

    def abort(self) -> None:
        """Break the connection at once, from another thread: whoever waits there is told."""
        if self._smtp:
            self._smtp.abort()
