"""HTML of every page is valid by the Nu checker: the public's in each language, and the console's.

All pages are saved first and checked in one run, since starting the checker takes most of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petitions.i18n import interface_languages
from petitions.models import Case, Petition, PetitionState, Role
from tests.servers.nu import faults_in
from tests.servers.run import UnavailableError
from tests.web.conftest import OPEN, PAST, link, loaded, only_sqlite, pictured, sign, signed
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.test_console_headers import every_page
from tests.web.test_headers import every_address

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

__all__ = ["link", "loaded", "pictured", "sign", "signed"]  # fixtures
PURPOSES = ("confirm", "not-me", "also-sign", "my-signature", "unsubscribe")
LETTER = f"/petitions/{PAST}/letters/uz-interior-minister"
NO_PAGES = (
    *("api.", "feeds.", "health.", "machines.", "reading.picture", "reading.smaller"),
    *("sharing.c", "sharing.poster", "sharing.sheet", "static"),
)
"""Files, which take their time to make and are no HTML."""
pytestmark = only_sqlite


class Shelf:
    """Where pages are saved, named by what they are."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.names: list[str] = []

    def keep(self, name: str, address: str, client: FlaskClient | None = None, **sent: Any) -> int:
        """Ask for a page and save it, whatever its status; other kinds of answers are let go."""
        with self.app.app_context():
            answer = (client or FlaskClient(self.app)).open(address, **sent)
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            self.names.append(name)
            (self.folder / f"{name}.html").write_bytes(answer.data)
        answer.close()
        return answer.status_code

    def check(self) -> None:
        try:
            faults = faults_in(self.folder)
        except UnavailableError as missing:
            pytest.skip(str(missing))
        assert not faults, "the Nu checker found:\n" + "\n".join(faults)


@pytest.fixture
def shelf(app: Flask, tmp_path: Path) -> Shelf:
    folder = tmp_path / "pages"
    folder.mkdir()
    return Shelf(app, folder)


def test_public_pages_are_valid_html(
    *,
    app: Flask,
    database: SQLAlchemy,
    link: Callable[..., str],
    now: Any,
    pictured: int,
    shelf: Shelf,
    signed: Callable[..., Any],
) -> None:
    tokens = {each: link(each, signed()).rpartition("/")[2] for each in PURPOSES}
    walk = [
        (endpoint, address)
        for endpoint, method, address in every_address(app, tokens)
        if method == "GET" and not endpoint.startswith(NO_PAGES)
    ]
    for lang in interface_languages():
        for endpoint, address in walk:
            shelf.keep(f"{endpoint}.{lang}", f"{address}?lang={lang}")
        for name, path in {
            "case-past": f"/cases/{PAST}",
            "petition-past": f"/petitions/{PAST}?country=UZ",
            "share-past": f"/petitions/{PAST}/share",
            "letters-past": f"/petitions/{PAST}/letters?country=DE",
            "letter-past": LETTER,
            "not-found": "/nothing",
        }.items():
            shelf.keep(f"{name}.{lang}", f"{path}{'&' if '?' in path else '?'}lang={lang}")
        wrong = {"method": "POST", "data": {"name": "<b>", "email": "x", "country": "??"}}
        typed = {"subject": "S", "letter": "L", "language": "en", "action": "text"}
        statuses = [
            shelf.keep(f"refused.{lang}", f"/petitions/{OPEN}/sign?lang={lang}", **wrong),
            shelf.keep(f"no-letter.{lang}", f"{LETTER}?lang={lang}", method="POST", data={}),
            shelf.keep(f"ready.{lang}", f"{LETTER}?lang={lang}", method="POST", data=typed),
            shelf.keep(f"unsent.{lang}", f"{LETTER}/sent?lang={lang}", method="POST", data={}),
        ]
        assert statuses == [422, 422, 200, 422]
    row = database.session.execute(select(Petition).where(Petition.slug == PAST)).scalar_one()
    row.stop_reason = "He is free."
    for state in (PetitionState.PAUSED, PetitionState.CLOSED, PetitionState.STOPPED):
        row.state = state
        database.session.commit()
        for page in ("petitions", "embed"):
            assert shelf.keep(f"{page}.{state}", f"/{page}/{PAST}?lang=ar") == 200
        assert shelf.keep(f"letters.{state}", f"/petitions/{PAST}/letters?lang=ar") == 200
    case = database.session.get_one(Case, pictured)
    case.hidden_at, case.hidden_reason = now, "asked by the family"
    database.session.commit()
    assert shelf.keep("hidden", f"/cases/{OPEN}?lang=ar") == 410
    assert len(shelf.names) > 200
    shelf.check()


def test_pages_of_the_console_are_valid_html(
    app: Flask,
    pictured: int,
    shelf: Shelf,
    signed: Callable[..., Any],
    signed_in: Callable[..., OrganisersClient],
) -> None:
    signed()
    client = signed_in(Role.ADMIN)
    for endpoint, method, address in every_page(app):
        if method == "GET" and endpoint != "security.logout":
            shelf.keep(endpoint, address, client)
    assert len(shelf.names) > 80
    shelf.check()
