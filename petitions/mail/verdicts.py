"""What may come of sending a mail. The word in each ends up in the outbox and names nobody."""

from petitions.errors import PetitionsError
from petitions.models import MailState


class Undelivered(PetitionsError):
    """A mail was not delivered; `word` says why, in at most sixty characters.

    `said` is what the server answered, and quotes addresses: kept of mails to officials alone.
    """

    def __init__(self, word: str, said: str = "") -> None:
        super().__init__(word)
        self.word = word[:60]
        self.said = said


class RetryLater(Undelivered):
    """Worth another attempt after a pause."""


class ConnectionLost(RetryLater):
    """The connection ended while a mail was handed over: nobody knows whether it arrived."""


class RelayDown(RetryLater):
    """The relay cannot be reached or refuses to talk: no other mail would fare better now."""


class Refused(Undelivered):
    """Refused for good: this mail has failed."""


class NoSuchAddress(Refused):
    """The relay says that there is no such mailbox: nothing more is to be sent there."""


class NotToBeSent(Undelivered):
    """What the mail is about has changed since it was queued: it is cancelled or withheld."""

    def __init__(self, state: MailState, word: str) -> None:
        super().__init__(word)
        self.state = state
