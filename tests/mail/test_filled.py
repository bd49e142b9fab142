"""Mails filled into a form are the mails that would have been composed."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from petitions.domain import outbox
from petitions.domain.site import Site
from petitions.i18n import interface_languages
from petitions.mail.compose import compose, filled_or_composed
from petitions.mail.filled import Filled, Forms, make_form, mark
from petitions.mail.settings import MailSettings
from petitions.models import Mail, MailKind, Organisation
from tests.domain.cast import Cast
from tests.mail.queueing import ask_for_link, claimed, html_of, sign, text_of

LINKS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=700)


def parsed(data: bytes) -> EmailMessage:
    made = message_from_bytes(data, policy=SMTP)
    assert isinstance(made, EmailMessage)
    return made


def same(filled: Filled, composed: EmailMessage) -> None:
    read = parsed(filled.data)
    left_out = {"Content-Type"}  # its boundary is another
    for name in {*read.keys(), *composed.keys()} - left_out:
        assert str(read[name]) == str(composed[name]), name
    sent = parsed(composed.as_bytes())
    assert text_of(read) == text_of(sent)
    assert html_of(read) == html_of(sent)
    assert read.get_content_type() == composed.get_content_type() == "multipart/alternative"
    assert filled.sender == composed["From"].addresses[0].addr_spec
    assert filled.recipient == composed["To"].addresses[0].addr_spec
    for line in filled.data.split(b"\r\n"):
        assert len(line) < 998
        assert b"\n" not in line
    assert all(byte < 128 for byte in filled.data)


@pytest.mark.parametrize("language", interface_languages())
@pytest.mark.parametrize("name", ["Watch", "Наблюдение, " * 9 + "и всё"])
def test_a_filled_mail_is_the_composed_one(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    mail_settings: MailSettings,
    now: datetime,
    language: str,
    name: str,
) -> None:
    database.session.execute(update(Organisation).values(name=name))
    sign(site, cast, now)
    ask_for_link(site, now)
    database.session.execute(update(Mail).values(language=language))
    forms, later = Forms(), now + timedelta(days=3)
    mails = outbox.claim(site, "one", now)
    mails += [mail for mail in outbox.claim(site, "two", later) if mail.kind is MailKind.REMINDER]
    assert len({mail.kind for mail in mails}) == 3
    for mail in mails:
        for moment in (later, later + timedelta(seconds=7)):
            filled = filled_or_composed(site, mail_settings, forms, mail, moment)
            assert isinstance(filled, Filled)
            same(filled, compose(site, mail_settings, mail, moment))


def test_an_address_that_needs_quoting_or_unicode_is_composed(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now, email="анна@example.org")
    made = filled_or_composed(site, mail_settings, Forms(), claimed(site, now), now)
    assert isinstance(made, EmailMessage)


@given(link=LINKS, text=st.sampled_from(["a {} b", "é\n\n{}\n\nend\n", "{}", "x" * 70 + " {} ü"]))
def test_whatever_stands_in_a_link_arrives(link: str, text: str) -> None:
    headers = ["To: a@example.org\r\n"]
    template = text.format(mark("link"))
    form = make_form("us@example.org", headers, template, f'<a href="{mark("link")}">é</a>', "en")
    message = parsed(form.filled("a@example.org", {"link": link}).data)
    read = text_of(message).replace("\r\n", "\n")
    assert read.rstrip("\n") == text.format(link).rstrip("\n")
    from lxml.html import fromstring

    assert fromstring(html_of(message)).get("href") == link
