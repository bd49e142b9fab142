"""From the invitation to working: the mail's link, the password, the first sign-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import select

from petitions import clock
from petitions.domain import organiser_changes, outbox
from petitions.domain.organisers import Standing, standing_of
from petitions.mail.compose import compose
from petitions.models import Mail, MailKind, Organiser, Role
from tests.mail.queueing import links_of
from tests.web.organiser.conftest import RAW_TOKEN, OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PASSWORD = "seven calm herons over the harbour"


@pytest.fixture
def bob(signed_in: Callable[..., OrganisersClient], database: SQLAlchemy) -> Organiser:
    """Somebody whom an admin has just invited."""
    admin = signed_in(Role.ADMIN)
    sent = {"name": "Bob", "email": "bob@example.org", "roles": ["campaigner"], "language": "en"}
    assert admin.post_form("/organiser/organisers/invite", sent).status_code == 303
    return database.session.execute(
        select(Organiser).where(Organiser.email == "bob@example.org")
    ).scalar_one()


@pytest.fixture
def stranger(app: Flask, database: SQLAlchemy) -> OrganisersClient:
    """A browser in which nobody is signed in, with a session that knows the tests' form token."""
    app.test_client_class = OrganisersClient
    client = app.test_client()
    assert isinstance(client, OrganisersClient)
    with client.session_transaction("/organiser/") as session:
        session["csrf_token"] = RAW_TOKEN
    return client


def link_mailed(app: Flask, database: SQLAlchemy) -> str:
    """Send what waits, as the worker does, and return the link of the newest mail as a path."""
    site = app.extensions["petitions"]
    moment = clock.now()
    claimed = outbox.claim(site, "w", moment)
    message = compose(site, app.extensions["petitions.mail"], claimed[-1], moment)
    database.session.commit()
    return links_of(message)[0].removeprefix("http://localhost")


def choose(client: OrganisersClient, link: str, password: str = PASSWORD) -> Any:
    return client.post_form(link, {"password": password, "password_confirm": password})


def test_who_is_invited_chooses_a_password_once_and_is_active_then(
    app: Flask, bob: Organiser, stranger: OrganisersClient, database: SQLAlchemy
) -> None:
    link = link_mailed(app, database)
    assert stranger.get(link).status_code == 200
    assert choose(stranger, link).status_code == 302
    database.session.refresh(bob)
    assert standing_of(bob) is Standing.ACTIVE
    chosen = bob.password
    choose(stranger, link, "another password, by whoever finds the mail")
    database.session.refresh(bob)
    assert bob.password == chosen
    answer = stranger.post_form("/organiser/login", {"email": bob.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert stranger.get("/organiser/").location == "/organiser/tf-setup"
    kinds = list(database.session.execute(select(Mail.kind).order_by(Mail.id)).scalars())
    assert kinds == [MailKind.INVITATION, MailKind.SECURITY_NOTICE]


def test_link_is_dead_when_the_account_was_blocked_meanwhile(
    app: Flask, bob: Organiser, stranger: OrganisersClient, database: SQLAlchemy, site: Any
) -> None:
    link = link_mailed(app, database)
    organiser_changes.block(site, bob.id, "", "command", clock.now())
    choose(stranger, link)
    database.session.refresh(bob)
    assert bob.password is None


def test_who_let_the_invitation_lie_can_ask_for_a_new_link(
    app: Flask, bob: Organiser, stranger: OrganisersClient, database: SQLAlchemy
) -> None:
    link_mailed(app, database)
    assert stranger.post_form("/organiser/reset", {"email": bob.email}).status_code == 303
    newest = select(Mail.kind).order_by(Mail.id.desc()).limit(1)
    assert database.session.execute(newest).scalar_one() is MailKind.PASSWORD_RESET
    assert choose(stranger, link_mailed(app, database)).status_code == 302
    database.session.refresh(bob)
    assert standing_of(bob) is Standing.ACTIVE


def test_blocked_account_gets_no_link_and_the_answer_does_not_tell(
    app: Flask, bob: Organiser, stranger: OrganisersClient, database: SQLAlchemy, site: Any
) -> None:
    organiser_changes.block(site, bob.id, "", "command", clock.now())
    before = len(database.session.execute(select(Mail.id)).all())
    answers = [
        stranger.post_form("/organiser/reset", {"email": email})
        for email in (bob.email, "nobody@example.org")
    ]
    assert answers[0].status_code == answers[1].status_code
    pages = [
        re.sub(r'name="csrf_token" [^>]*>|bob@example.org|nobody@example.org', "", answer.text)
        for answer in answers
    ]
    assert pages[0] == pages[1]
    assert len(database.session.execute(select(Mail.id)).all()) == before
