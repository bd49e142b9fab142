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
from sqlalchemy import select

from petitions.domain.outbox import ClaimedMail
from petitions.domain.prepared import Prepared
from petitions.domain.site import Site
from petitions.i18n import SOURCE, choose_language, comma, direction, interface_languages
from petitions.mail.content import content_of
from petitions.mail.filled import (
    LONGEST_LINE,
    Filled,
    Form,
    Forms,
    can_be_filled_in,
    make_form,
    mark,
)
from petitions.mail.filling import Content
from petitions.mail.folding import SpaceKeepingPolicy
from petitions.mail.recipients import checked_address
from petitions.mail.settings import MailSettings
from petitions.mail.templates import render_part
from petitions.models import Organisation

_WIDTH = 76
_POLICY = SpaceKeepingPolicy(linesep="\r\n", utf8=False)


def compose(site: Site, settings: MailSettings, mail: ClaimedMail, now: datetime) -> EmailMessage:
    """Return the message of a queued mail. Raises NotToBeSent, Refused, KeyMissing."""
    return _composed(site, settings, mail, content_of(site, mail, now), now)


def _rendered(
    site: Site, mail: ClaimedMail, content: Content, from_site: str, language: str
) -> tuple[str, str, str]:
    """Return subject, plain text and HTML."""
    with force_locale(language.replace("-", "_")):
        values = _values(site, mail, content, from_site, language)
        subject, text, html = (
            render_part(content.template, part, values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return " ".join(subject.split()), text, html


def _composed(
    site: Site, settings: MailSettings, mail: ClaimedMail, content: Content, now: datetime
) -> EmailMessage:
    language = choose_language([mail.language], interface_languages()) or SOURCE
    from_site = _site_name(site)
    subject, text, html = _rendered(site, mail, content, from_site, language)
    message = _headed(settings, mail, from_site, subject, now)
    if "unsubscribe" in content.links:
        message["List-Unsubscribe"] = f"<{content.links['unsubscribe']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    _fill(message, wrapped(text), html)
    message["Content-Language"] = language  # set earlier, it would move into the first part
    return message


def filled_or_composed(
    site: Site, settings: MailSettings, forms: Forms, mail: ClaimedMail, now: datetime
) -> Filled | EmailMessage:
    """Return the same message, filled into a form where that can be. Raises as `compose` does."""
    content = content_of(site, mail, now)
    language = choose_language([mail.language], interface_languages()) or SOURCE
    address = checked_address(mail.address)
    links = {name: link for name, link in content.links.items() if link}
    values = {
        **links,
        "to": address,
        "date": format_datetime(now),
        "message_id": mail.message_id,
    }
    if not can_be_filled_in(address, values):
        return _composed(site, settings, mail, content, now)
    from_site = _site_name(site)
    times = moment(mail.created_at, language), content.until and moment(content.until, language)
    since = content.since and moment(content.since, language)
    key = (content.template, language, from_site, *times, since, *sorted(links))
    form = forms.form(
        key, lambda: _form(site, settings, mail, _marked(content), (from_site, language))
    )
    return form.filled(address, values)


def _marked(content: Content) -> Content:
    marks = {name: mark(name) if link else "" for name, link in content.links.items()}
    return Content(content.template, marks, content.until, content.since)


def _form(
    site: Site, settings: MailSettings, mail: ClaimedMail, content: Content, frame: tuple[str, str]
) -> Form:
    """Return the form of all mails that have a template, links, times and a frame in common."""
    from_site, language = frame
    subject, text, html = _rendered(site, mail, content, from_site, language)
    message = _headed(settings, mail, from_site, subject, mail.created_at)
    folded = {name: _POLICY.fold(name, value) for name, value in message.items()}
    folded |= {"To": f"To: {mark('to')}\r\n", "Date": f"Date: {mark('date')}\r\n"}
    folded["Message-ID"] = f"Message-ID: {mark('message_id')}\r\n"
    if "unsubscribe" in content.links:
        folded["List-Unsubscribe"] = f"List-Unsubscribe: <{mark('unsubscribe')}>\r\n"
        folded["List-Unsubscribe-Post"] = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    sender = message["From"].addresses[0].addr_spec
    return make_form(sender, list(folded.values()), wrapped(text), html, language)


def moment(at: datetime, language: str) -> str:
    """Return a moment as a person reads it: '23 November 2026, 18:05 UTC'."""
    locale = Locale.parse("en_GB" if language == SOURCE else language, sep=_separator(language))
    at = at.astimezone(UTC)
    return f"{format_date(at, 'long', locale)}{comma(language)}{at:%H:%M} UTC"


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
        "since": moment(content.since, language) if content.since else "",
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
        short = all(len(line) <= LONGEST_LINE for line in part.splitlines())
        cte = "7bit" if part.isascii() and short else "quoted-printable"
        if subtype == "plain":
            message.set_content(part, cte=cte)
        else:
            message.add_alternative(part, subtype=subtype, cte=cte)


def _site_name(site: Site) -> str:
    row = _NAME.row()
    name = row[0] if row else ""
    return " ".join(name.split()) or (urlsplit(site.base_url).hostname or "")


_NAME = Prepared(lambda _: select(Organisation.name).where(Organisation.id == 1))


def _separator(language: str) -> str:
    return "_" if language == SOURCE else "-"
