"""Organisers with roles, and clients that are signed in as them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from petitions import clock
from petitions.domain import sign_ins
from petitions.models import Organiser, OrganiserRole, Role
from tests.pages import CheckingClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

RAW_TOKEN = "the raw token of forms in tests"
MakeOrganiser = Callable[..., Organiser]


class OrganisersClient(CheckingClient):
    """A browser in which an organiser is signed in."""

    organiser_id: int

    def post_form(
        self, url: str, data: dict[str, Any] | None = None, **kwargs: Any
    ) -> TestResponse:
        """Send a form as a page of the console would, with its token."""
        return self.post(url, data={"csrf_token": self.form_token(), **(data or {})}, **kwargs)

    def form_token(self) -> str:
        """Return the token that the console's pages put into their forms."""
        key = self.application.secret_key
        return URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(RAW_TOKEN)


@pytest.fixture
def site(app: Flask) -> Any:
    return app.extensions["petitions"]


@pytest.fixture
def make_organiser(database: SQLAlchemy) -> MakeOrganiser:
    """make_organiser(Role.REVIEWER, name="…") -> Organiser, with the second step set up."""

    def make(*roles: Role, name: str = "", second_step: bool = True) -> Organiser:
        number = secrets.token_hex(4)
        organiser = Organiser(
            email=f"{'-'.join(roles) or 'nobody'}-{number}@example.org",
            name=name or f"{' '.join(roles) or 'nobody'} {number}",
            password="$argon2id$not a hash of anything",
            fs_uniquifier=secrets.token_hex(32),
            created_at=clock.now(),
            tf_primary_method="authenticator" if second_step else None,
            tf_totp_secret="a secret that nobody opens" if second_step else None,
            mf_recovery_codes=[] if second_step else None,
        )
        database.session.add(organiser)
        database.session.flush()
        database.session.add_all(
            OrganiserRole(organiser_id=organiser.id, role=role) for role in roles
        )
        database.session.commit()
        return organiser

    return make


@pytest.fixture
def sign_in(app: Flask, database: SQLAlchemy) -> Callable[[Organiser], OrganisersClient]:
    """A new browser in which this organiser has just signed in."""

    def signed(organiser: Organiser) -> OrganisersClient:
        app.test_client_class = OrganisersClient
        client = app.test_client()
        assert isinstance(client, OrganisersClient)
        client.organiser_id = organiser.id
        key = sign_ins.begin(organiser, "Firefox, Linux", clock.now())
        database.session.commit()
        with client.session_transaction("/organiser/") as session:
            session["_user_id"] = organiser.fs_uniquifier
            session["_fresh"] = True
            session["fs_paa"] = clock.now().timestamp()
            session["console"] = key
            session["csrf_token"] = RAW_TOKEN
        return client

    return signed


@pytest.fixture
def signed_in(
    make_organiser: MakeOrganiser, sign_in: Callable[[Organiser], OrganisersClient]
) -> Callable[..., OrganisersClient]:
    """signed_in(Role.CAMPAIGNER) -> a browser with a new organiser of these roles signed in."""

    def make(*roles: Role, name: str = "", second_step: bool = True) -> OrganisersClient:
        return sign_in(make_organiser(*roles, name=name, second_step=second_step))

    return make
