"""The demonstration's mailbox: what its signers would have received. Not there on a real site."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from petitions.clock import now
from petitions.domain.mail_report import DUE, waiting_mails
from petitions.domain.pacing import BUSY_NETWORK, GAP, REMINDER
from petitions.errors import NotFound

blueprint = Blueprint("mailbox", __name__, url_prefix="/mailbox")

_SHOWN = ("From", "To", "Subject", "Date")
_MOST = 200
_LINK = re.compile(r"https?://[^\s<>\"']+")


_LATER: Any = _l("other mails go first")
_WAITS: dict[str, Any] = {
    DUE: _l("on its way, within a minute"),
    GAP: _l("the pause between two mails to one address is not over"),
    REMINDER: _l("to remind, only where nobody has confirmed by then"),
    BUSY_NETWORK: _l("many forms came from one network"),
}
"""What is said of mails that wait, after their number."""


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
    waiting = [
        (one.number, _WAITS.get(one.why, _LATER), one.first_at, one.last_at)
        for one in waiting_mails(now())
    ]
    return render_template("mailbox.html", lines=lines, total=len(files), waiting=waiting)


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
    return message_from_string(file.read_text(encoding="utf-8"), policy=policy.default)


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
