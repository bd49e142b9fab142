"""Composing a mail to an official: the letter as its text, what is handed over as attachments."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from petitions.documents.entries import Letter
from petitions.documents.letter_text import letter_text
from petitions.documents.phrases import phrases
from petitions.mail.recipients import checked_address
from petitions.mail.settings import MailSettings

MOST_BYTES = 9 * 1024 * 1024
"""Attached: in base64 it stays below what nearly every mail server takes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a mail goes, and under which Message-ID."""

    address: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Under which address files are fetched, and on which day that ends."""

    address: str = field(repr=False)
    until: date


def is_too_large(files: Iterable[Path]) -> bool:
    """Whether files are more than mail servers take."""
    return sum(file.stat().st_size for file in files) > MOST_BYTES


def compose_to_official(
    settings: MailSettings,
    envelope: Envelope,
    letter: Letter,
    attached: Iterable[Path],
    now: datetime,
    *,
    fetched: Fetched | None = None,
) -> EmailMessage:
    """Return the message; `fetched` says where its files are, where they are not attached.

    Raises NotToBeSent where the address is none.
    """
    files = [] if fetched else list(attached)
    message = EmailMessage(policy=SMTP)
    name, sender = parseaddr(settings.sender)
    message["From"] = Address(letter.sender_name or name, addr_spec=sender)
    local, _, domain = checked_address(envelope.address).rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    if letter.sender_contact and "@" in letter.sender_contact:
        message["Reply-To"] = letter.sender_contact.split()[0]
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = envelope.message_id
    message.set_content(letter_text(letter) + (_where(fetched, letter) if fetched else ""))
    for file in files:
        named = f"{letter.reference.replace('/', '-')}-{file.name}"
        message.add_attachment(
            file.read_bytes(), maintype="application", subtype="pdf", filename=named
        )
    message["Content-Language"] = letter.language
    return message


def _where(fetched: Fetched, letter: Letter) -> str:
    words = phrases(letter.language)
    return f"\n{words.text('fetched', day=words.day(fetched.until))}\n{fetched.address}\n"
