"""The demonstration's two cases, loaded into the test's own database, and ways to sign."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from petitions import clock
from tests.pages import CheckingClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAST = "yusup-kasymakhunov"
OPEN = "mirsobir-khamidkariev"
ANNA = {
    "name": "Anna Sigurðardóttir",
    "initials": "",
    "email": "anna@example.org",
    "country": "IS",
    "place": "Akureyri",
    "appearance": "full",
    "consent": "yes",
}


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Loaded:
    """The slugs of the two petitions, by what makes them different."""

    open: str
    past: str


@pytest.fixture
def site(app: Flask) -> Any:
    return app.extensions["petitions"]


@pytest.fixture
def loaded(database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Loaded:
    """The demonstration's data; the clock stands still at `now`."""
    return load(database, site, now)


@pytest.fixture
def running(database: SQLAlchemy, site: Any) -> Loaded:
    """The demonstration's data, while the clock goes on: for what is measured in real time."""
    return load(database, site, clock.now())


def load(database: SQLAlchemy, site: Any, moment: datetime) -> Loaded:
    from petitions.domain.demonstration import load_demonstration
    from petitions.models import Petition

    load_demonstration(moment, site.keyring)
    database.session.commit()
    rows = database.session.execute(select(Petition).order_by(Petition.id)).scalars().all()
    past = next(row.slug for row in rows if row.deadline_on)
    return Loaded(open=next(row.slug for row in rows if not row.deadline_on), past=past)


@pytest.fixture
def sign(client: CheckingClient) -> Callable[..., TestResponse]:
    """Fetch the petition's page for its stamp, and send the form as a browser would."""

    def send(petition: str = OPEN, *, environ: dict[str, str] | None = None, **typed: str) -> Any:
        stamp = stamp_in(client.get(f"/petitions/{petition}").text)
        form = {"stamp": stamp, **ANNA, **typed}
        address = f"/petitions/{petition}/sign"
        return client.post(address, data=form, environ_overrides=environ or {})

    return send


@pytest.fixture
def signed(
    sign: Callable[..., TestResponse], database: SQLAlchemy, site: Any
) -> Callable[..., Any]:
    """Sign, and return the new signature's row."""
    from petitions.models import Signature

    def do(petition: str = OPEN, **typed: str) -> Any:
        assert sign(petition, **typed).status_code == 303
        newest = select(Signature).order_by(Signature.id.desc()).limit(1)
        return database.session.execute(newest).scalar_one()

    return do


@pytest.fixture
def link(site: Any) -> Callable[..., str]:
    """Mint the links that the worker would mail for a signature."""

    def mint(purpose: str, signature: Any, at: datetime | None = None) -> str:
        from petitions import tokens

        ids = [signature.id]
        made = {
            "confirm": (tokens.CONFIRM, [*ids, tokens.text_of(b"k" * 32)]),
            "not-me": (tokens.NOT_ME, [*ids, tokens.text_of(b"k" * 32)]),
            "my-signature": (tokens.MY_SIGNATURE, [signature.id]),
            "unsubscribe": (tokens.UNSUBSCRIBE, ids),
        }[purpose]
        return f"/{purpose}/{site.tokens.mint(*made, at or clock.now())}"

    return mint


@pytest.fixture
def counted(database: SQLAlchemy) -> Callable[[], dict[str, int]]:
    """Row counts of all tables, to show that nothing changed."""

    def count() -> dict[str, int]:
        tables = database.metadata.sorted_tables
        return {
            table.name: database.session.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }

    return count


def stamp_in(html: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', html)
    assert found, "no stamp in the page"
    return found[1]


def typed_values(html: str) -> dict[str, str | None]:
    """What the page's first form would send if its button were pressed."""
    form = lxml.html.document_fromstring(html).forms[0]
    return dict(form.form_values())
