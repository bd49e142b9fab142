"""From a queued mail to a message: plain text first, then simple HTML, in the signer's language.

No picture, no foreign link, no header that a stranger can write, except the address it goes to.
"""

import textwrap
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date
from flask_babel import force_locale

from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.i18n import SOURCE, choose_language, direction, interface_languages
from petitions.mail.content import Content, content_of
from petitions.mail.folding import SpaceKeepingPolicy
from petitions.mail.recipients import checked_address
from petitions.mail.settings import MailSettings
from petitions.mail.templates import render_part
from petitions.models import Organisation

_WIDTH = 76
_LONGEST_LINE = 900  # RFC 5322, 2.1.1: 998 at most
_POLICY = SpaceKeepingPolicy(linesep="\r\n", utf8=False)


def compose(site: Site, settings: MailSettings, mail: ClaimedMail, now: datetime) -> EmailMessage:
    """Return the message of a queued mail. Raises NotToBeSent, Refused, KeyMissing."""
    content = content_of(site, mail, now)
    language = choose_language([mail.language], interface_languages()) or SOURCE
    from_site = _site_name(site)
    with force_locale(language.replace("-", "_")):
        values = _values(site, mail, content, from_site, language)
        subject, text, html = (
            render_part(content.template, part, values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    message = _headed(settings, mail, from_site, " ".join(subject.split()), now)
    _fill(message, wrapped(text), html)
    message["Content-Language"] = language  # set earlier, it would move into the first part
    return message


def moment(at: datetime, language: str) -> str:
    """Return a moment as a person reads it: '23 November 2026, 18:05 UTC'."""
    locale = Locale.parse("en_GB" if language == SOURCE else language, sep=_separator(language))
    at = at.astimezone(UTC)
    return f"{format_date(at, 'long', locale)}, {at:%H:%M} UTC"


def wrapped(text: str) -> str:
    """Break paragraphs into lines that any mail program shows; a link stays alone and whole."""
    fill = partial(textwrap.fill, width=_WIDTH, break_long_words=False, break_on_hyphens=False)
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(fill(part) for part in paragraphs if part) + "\n"


def _values(
    site: Site, mail: ClaimedMail, content: Content, from_site: str, language: str
) -> dict[str, Any]:
    return {
        **content.links,
        "site": from_site,
        "host": urlsplit(site.base_url).netloc,
        "base_url": site.base_url,
        "asked_at": moment(mail.created_at, language),
        "until": moment(content.until, language) if content.until else "",
        "language": language,
        "direction": direction(language),
    }


def _headed(
    settings: MailSettings, mail: ClaimedMail, from_site: str, subject: str, now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    name, sender = parseaddr(settings.sender)
    message["From"] = Address(name or from_site, addr_spec=sender)
    local, _, domain = checked_address(mail.address).rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
    message["X-Auto-Response-Suppress"] = "All"
    return message


def _fill(message: EmailMessage, text: str, html: str) -> None:
    """Add both parts. ASCII stays as it is, so that a long link is whole in the raw mail too."""
    for part, subtype in ((text, "plain"), (html, "html")):
        short = all(len(line) <= _LONGEST_LINE for line in part.splitlines())
        cte = "7bit" if part.isascii() and short else "quoted-printable"
        if subtype == "plain":
            message.set_content(part, cte=cte)
        else:
            message.add_alternative(part, subtype=subtype, cte=cte)


def _site_name(site: Site) -> str:
    organisation = db.session.get(Organisation, 1)
    name = organisation.name if organisation else ""
    return " ".join(name.split()) or (urlsplit(site.base_url).hostname or "")


def _separator(language: str) -> str:
    return "_" if language == SOURCE else "-"
