"""The demonstration's mailbox: a Maildir in the data directory, read by its mailbox page."""

import hashlib
import mailbox
import os
from email.message import EmailMessage
from pathlib import Path
from typing import Any


class DemonstrationMailbox:
    """Files each mail once, however often it is tried."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        mailbox.Maildir(folder, create=True)

    def file(self, message: EmailMessage) -> None:
        """File a message under a name that follows from its Message-ID, so none is there twice."""
        name = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
        if any(self._folder.glob(f"*/{name}*")):
            return
        policy: Any = message.policy  # an EmailPolicy; utf8 is for addresses beyond ASCII
        written = self._folder / "tmp" / name
        with written.open("wb") as file:
            file.write(message.as_bytes(policy=policy.clone(utf8=True)))
            file.flush()
            os.fsync(file.fileno())
        written.rename(self._folder / "new" / name)
