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


@dataclass(frozen=True)
class Loaded:
    """The two petitions, by what makes them different."""

    open: str
    past: str


@pytest.fixture
def site(app: Flask) -> Any:
    return app.extensions["petitions"]


@pytest.fixture
def loaded(app: Flask, database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Loaded:
    """The demonstration's data; the clock stands still at `now`."""
    from petitions.domain.demonstration import load_demonstration
    from petitions.models import Petition

    load_demonstration(now, site.keyring)
    database.session.commit()
    rows = database.session.execute(select(Petition).order_by(Petition.id)).scalars().all()
    past = next(row.slug for row in rows if row.deadline_on)
    return Loaded(open=next(row.slug for row in rows if not row.deadline_on), past=past)


@pytest.fixture
def sign(client: CheckingClient, loaded: Loaded) -> Callable[..., TestResponse]:
    """Fetch the petition's page for its stamp, and send the form as a browser would."""

    def send(
        petition: str = loaded.open, *, headers: dict[str, str] | None = None, **typed: str
    ) -> TestResponse:
        stamp = stamp_in(client.get(f"/petitions/{petition}").text)
        form = {"stamp": stamp, **ANNA, **typed}
        return client.post(f"/petitions/{petition}/sign", data=form, headers=headers)

    return send


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
