"""Composing a mail to an official: the letter as its text, what is handed over as attachments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from petitions.documents.entries import Letter
from petitions.documents.letter_text import letter_text
from petitions.mail.recipients import checked_address
from petitions.mail.settings import MailSettings

MOST_BYTES = 9 * 1024 * 1024
"""Attached: in base64 it stays below what nearly every mail server takes."""


class TooLarge(ValueError):
    """What was to be attached is more than mail servers take."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a mail goes, and under which Message-ID."""

    address: str
    message_id: str


def compose_to_official(
    settings: MailSettings,
    envelope: Envelope,
    letter: Letter,
    attached: Iterable[Path],
    now: datetime,
) -> EmailMessage:
    """Return the message. Raises TooLarge, NotToBeSent where the address is none."""
    files = list(attached)
    if sum(file.stat().st_size for file in files) > MOST_BYTES:
        raise TooLarge("more is to be attached than mail servers take")
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
    message.set_content(letter_text(letter))
    for file in files:
        named = f"{letter.reference.replace('/', '-')}-{file.name}"
        message.add_attachment(
            file.read_bytes(), maintype="application", subtype="pdf", filename=named
        )
    message["Content-Language"] = letter.language
    return message
