"""Reading delivery status reports (RFC 3464): which mail came back, and why.

Whatever addresses a report names are passed over: the id in the address that it was sent to says
which mail it is about. Anything may be sent here, so nothing that cannot be read is an error.
"""

import mailbox
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path

LARGEST = 10 * 1024 * 1024
_RETURN_ID = "[A-Za-z2-7]{32}"
_LINK = re.compile(r"(/handed-over/)\S+")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells: the ids of its return path, what happened, and the code of RFC 3463."""

    return_ids: tuple[str, ...] = field(repr=False)
    action: str
    status: str


def read_report(data: bytes, bounce_address: str, recipient: str = "") -> Report | None:
    """Read one message; None where it is no report, or came to no return path of ours.

    `recipient` is the address that it was delivered to, where the mail server knows it apart.
    """
    message = message_from_bytes(data[:LARGEST])
    ids = _return_ids(message, bounce_address, recipient)
    told = sorted(_told(message), key=_how_final)
    if not ids or not told:
        return None
    return Report(ids, *told[0])


def words_of(data: bytes) -> str:
    """Return what a report says in its own words, without the mail that it sends back.

    That mail may have a list of names in it, or the link under which one is fetched.
    """
    message = message_from_bytes(data[:LARGEST])
    parts = [f"{name}: {value}" for name, value in message.items()]
    parts += [f"\n{told}" for told in _said(message)]
    return _LINK.sub(r"\1…", "\n".join(parts))


def reports_in(path: Path, handle: Callable[[bytes], bool], *, remove: bool = False) -> int:
    """Hand each message of a mailbox (mbox or Maildir) or a file with one message to `handle`.

    With `remove`, those that it accepts are taken out of the mailbox. Returns how many there were.
    """
    box = _mailbox(path)
    if box is None:
        handle(path.read_bytes())
        return 1
    if remove:
        box.lock()
    try:
        keys = box.keys()
        done = [key for key in keys if handle(box.get_bytes(key))]
        if remove:
            for key in done:
                box.remove(key)
            box.flush()
    finally:
        if remove:
            box.unlock()
        box.close()
    return len(keys)


def _mailbox(path: Path) -> "mailbox.Mailbox[mailbox.Message] | None":
    if path.is_dir():
        return mailbox.Maildir(path, create=False)
    with path.open("rb") as file:
        beginning = file.read(5)
    if beginning and beginning != b"From ":
        return None
    return mailbox.mbox(path, create=False)


def _return_ids(message: Message, bounce_address: str, recipient: str) -> tuple[str, ...]:
    """Return the ids in whatever address of ours the headers name, in their order."""
    local, _, domain = bounce_address.rpartition("@")
    ours = re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+({_RETURN_ID})@{re.escape(domain)}(?![\w.-])",
        re.IGNORECASE,
    )
    lines = [recipient, *(str(value) for value in message.values())]
    found = (match.lower() for line in lines for match in ours.findall(line))
    return tuple(dict.fromkeys(found))


def _told(message: Message) -> Iterator[tuple[str, str]]:
    """Yield action and status of each recipient that the report tells of."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        for group in groups if isinstance(groups, list) else []:
            if not isinstance(group, Message):
                continue
            action = str(group.get("Action", "")).strip().lower()
            status = _STATUS.search(str(group.get("Status", "")))
            if action and status:
                yield action, status.group()


def _said(part: Message) -> Iterator[str]:
    """Yield what the mail server wrote: of a report the first two parts (RFC 6522), no more."""
    kind, payload = part.get_content_type(), part.get_payload()
    parts = [each for each in payload if isinstance(each, Message)] if part.is_multipart() else []
    if kind == "message/delivery-status":
        yield "\n\n".join("\n".join(f"{n}: {v}" for n, v in group.items()) for group in parts)
    elif kind.startswith("multipart/"):
        for each in parts[: 2 if kind == "multipart/report" else None]:
            yield from _said(each)
    elif kind == "text/plain" and not part.get_filename():
        content = part.get_payload(decode=True)
        yield content.decode(errors="replace") if isinstance(content, bytes) else ""


def _how_final(told: tuple[str, str]) -> tuple[bool, bool, bool]:
    action, status = told
    return action != "failed", not status.startswith("5."), status.startswith("5.7.")
