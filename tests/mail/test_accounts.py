"""What organisers are mailed: links that work once, notices, and what is not sent any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask_security.recoverable import reset_password_token_status
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import organiser_changes, organiser_mail, organisers
from petitions.domain.outbox import suppression_key
from petitions.domain.site import Site
from petitions.mail.compose import compose
from petitions.mail.settings import MailSettings
from petitions.mail.verdicts import NotToBeSent
from petitions.models import MailKind, MailState, Organisation, Organiser, Role
from tests.mail.queueing import claimed, html_of, links_of, text_of

pytestmark = pytest.mark.usefixtures("database", "frozen_time")
KINDS = sorted(organiser_mail.TO_ORGANISERS)


@pytest.fixture
def bob(database: SQLAlchemy, site: Site, now: datetime) -> Organiser:
    """Somebody who was invited, and whose invitation waits."""
    database.session.add(Organisation(id=1, name="Watch"))
    organiser = organisers.invite(
        site,
        email="bob@example.org",
        name="Bob Brown",
        roles={Role.ADMIN},
        language="en",
        actor="organiser 1",
        now=now,
    )
    database.session.commit()
    return organiser


def words(text: str) -> str:
    return " ".join(text.split())


def test_invitation_leads_to_choosing_a_password(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    message = compose(site, mail_settings, claimed(site, now), now)
    assert str(message["Subject"]) == "Watch: you are invited to work with us"
    assert str(message["To"]) == "bob@example.org"
    choose, forgotten, _home = links_of(message)
    assert forgotten == "http://localhost/organiser/reset"
    expired, invalid, whose = reset_password_token_status(choose.rpartition("/")[2])
    assert (expired, invalid, whose.id) == (False, False, bob.id)
    said = words(text_of(message))
    assert "on 14 March 2026, 09:26 UTC you were invited" in said
    assert "works once, until 15 March 2026, 09:26 UTC" in said
    assert "Watch (localhost)" in said


def test_link_for_a_new_password_is_good_for_a_day_and_dead_once_one_was_chosen(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    mail = replace(claimed(site, now), kind=MailKind.PASSWORD_RESET)
    token = links_of(compose(site, mail_settings, mail, now))[0].rpartition("/")[2]
    with time_machine.travel(now + timedelta(hours=23), tick=False):
        assert reset_password_token_status(token)[:2] == (False, False)
    with time_machine.travel(now + timedelta(hours=25), tick=False):
        assert reset_password_token_status(token)[0] is True
    bob.active = True
    organiser_changes.reset_password(site, bob.email, organisers.first_password(), now)
    database.session.commit()
    assert reset_password_token_status(token)[2] is None


def test_notice_says_when_and_what_to_do_and_holds_no_secret_link(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    later = now + timedelta(hours=2)
    mail = replace(claimed(site, now), kind=MailKind.SECURITY_NOTICE)
    message = compose(site, mail_settings, mail, later)
    said = words(text_of(message))
    assert "on 14 March 2026, 09:26 UTC the password or the second step of your account" in said
    assert "choose a new password at once" in said
    assert links_of(message) == ["http://localhost/organiser/reset", "http://localhost"]


@pytest.mark.parametrize("kind", KINDS)
def test_html_leads_where_the_text_does_and_nobody_is_named(
    kind: MailKind, bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    mail = replace(claimed(site, now), kind=kind)
    message = compose(site, mail_settings, mail, now)
    for link in links_of(message):
        assert f'href="{link}"' in html_of(message)
    assert "Bob" not in text_of(message) + html_of(message) + str(message["Subject"])


@pytest.mark.parametrize("kind", KINDS)
def test_links_open_in_the_organisers_language(
    kind: MailKind, bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    mail = replace(claimed(site, now), kind=kind, language="ru")
    *links, _home = links_of(compose(site, mail_settings, mail, now))
    assert links
    assert all(link.endswith("?lang=ru") for link in links)


@pytest.mark.parametrize("kind", KINDS)
def test_who_was_blocked_meanwhile_gets_no_mail(
    kind: MailKind, bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    mail = replace(claimed(site, now), kind=kind)
    bob.active = False
    with pytest.raises(NotToBeSent, match="blocked") as refusal:
        compose(site, mail_settings, mail, now)
    assert refusal.value.state is MailState.CANCELLED


def test_invitation_that_was_accepted_meanwhile_is_not_mailed(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime
) -> None:
    mail = claimed(site, now)
    bob.password = "a hash"
    with pytest.raises(NotToBeSent, match="accepted") as refusal:
        compose(site, mail_settings, mail, now)
    assert refusal.value.state is MailState.CANCELLED


def test_mail_to_nobody_is_cancelled(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    mail = replace(claimed(site, now), organiser_id=bob.id + 1)
    with pytest.raises(NotToBeSent, match="gone"):
        compose(site, mail_settings, mail, now)
    with pytest.raises(NotToBeSent, match="gone"):
        compose(site, mail_settings, replace(mail, organiser_id=None), now)


def test_an_organiser_who_wants_no_mail_as_a_signer_still_gets_theirs(
    bob: Organiser, site: Site, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    from petitions.models import Suppression

    key = suppression_key(site, bob.email)
    database.session.add(Suppression(key=key, reason="not me", created_at=now))
    database.session.commit()
    assert compose(site, mail_settings, claimed(site, now), now)["To"]
