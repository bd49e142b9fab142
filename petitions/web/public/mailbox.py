"""The demonstration's mailbox: what its signers would have received. Not there on a real site."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from petitions.errors import NotFound

blueprint = Blueprint("mailbox", __name__, url_prefix="/mailbox")

_SHOWN = ("From", "To", "Subject", "Date")
_MOST = 200
_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail in the list."""

    key: str
    to: str
    subject: str
    sent_at: datetime | None


@blueprint.get("")
def index() -> ResponseReturnValue:
    """List the newest mails."""
    files = sorted(_files(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    lines = [_line(file.name, _read(file)) for file in files[:_MOST]]
    return render_template("mailbox.html", lines=lines, total=len(files))


@blueprint.get("/<key>")
def one(key: str) -> ResponseReturnValue:
    """Show one mail; links to this site can be followed."""
    message = _read(next((file for file in _files() if file.name == key), None))
    body = message.get_body(("plain",))
    text = _linked(str(body.get_content()) if body else "")
    headers = [(name, str(message[name])) for name in _SHOWN if message[name]]
    return render_template("mail.html", subject=str(message["Subject"]), headers=headers, text=text)


def _files() -> list[Path]:
    """Return the files of the Maildir. Raises NotFound outside a demonstration."""
    if not current_app.extensions["petitions"].demonstration:
        raise NotFound("a mailbox is there in a demonstration alone")
    folder: Path = current_app.config["SETTINGS"].data_dir / "mailbox"
    return [file for part in ("new", "cur") for file in (folder / part).glob("*")]


def _read(file: Path | None) -> EmailMessage:
    if file is None:
        raise NotFound("no such mail")
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def _line(key: str, message: EmailMessage) -> MailLine:
    date = message["Date"]
    sent_at = parsedate_to_datetime(str(date)) if date else None
    return MailLine(key, str(message["To"] or ""), str(message["Subject"] or ""), sent_at)


def _linked(text: str) -> Markup:
    """Return text with links to this site alone; every other address stays text."""
    base_url = current_app.extensions["petitions"].base_url
    parts, end = [], 0
    for found in _LINK.finditer(text):
        url = found.group().rstrip(".,;)")
        if not url.startswith(base_url + "/"):
            continue
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a href="{}">{}</a>').format(url.removeprefix(base_url), url))
        end = found.start() + len(url)
    return Markup("<br>\n").join(Markup().join([*parts, escape(text[end:])]).split("\n"))
