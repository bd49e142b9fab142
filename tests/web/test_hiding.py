"""Hide now: the case and all that hangs on it answer 410 with the next request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petitions import create_app
from petitions.domain import case_hiding
from petitions.extensions import db
from petitions.models import Case, SignatureState
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, PAST, Loaded, stamp_in
from tests.web.proved import BUNDLE, publish_a_proof

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    from petitions.config import Settings


def hide(database: SQLAlchemy, now: Any) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    case.hidden_at, case.hidden_reason = now, "asked by the family"
    database.session.commit()


def test_hidden_case_is_gone_everywhere_at_once(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> None:
    row = signed()
    page = client.get(f"/petitions/{OPEN}")
    news = link("news", row)
    assert "Mirsobir is seen" in client.get(news).text
    hide(database, now)
    for address in (
        f"/cases/{OPEN}",
        f"/cases/{OPEN}/pictures/1",
        f"/petitions/{OPEN}",
        f"/petitions/{OPEN}/check-your-email",
        f"/petitions/{OPEN}/thank-you",
        f"/embed/{OPEN}",
        f"/api/v1/petitions/{OPEN}",
        link("confirm", row),
        news,
    ):
        answer = client.get(address, headers={"If-None-Match": page.headers["ETag"]})
        assert answer.status_code == 410, address
        assert "Mirsobir" not in answer.text
        assert "family" not in answer.text
    form = {**ANNA, "stamp": stamp_in(page.text)}
    assert client.post(f"/petitions/{OPEN}/sign", data=form).status_code == 410
    assert client.post(f"/petitions/{OPEN}/sign", data=form | {"name": ""}).status_code == 410
    for address in ("/", "/sitemap.xml", "/api/v1/petitions"):
        text = client.get(address).text
        assert OPEN not in text
        assert PAST in text


VALUES = {
    "case": OPEN,
    "petition": OPEN,
    "bundle": BUNDLE,
    "position": 1,
    "width": 320,
    "official": "ru-investigation-committee-chairman",
}
LISTS = "mirsobir-khamidkariev"
WITHIN = 1.0
"""Seconds."""


def addresses(app: Flask) -> tuple[list[str], list[str]]:
    """All addresses of the case that can be read, and all pages that are of no one case.

    A new route comes in by itself; a new name of an argument in it asks to be added to VALUES.
    """
    about_it, others = [], []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.startswith("/organiser"):
                continue
            if rule.arguments & {"case", "petition", "bundle"}:
                values = {name: VALUES[name] for name in rule.arguments}
                about_it.append(app.url_for(rule.endpoint, **values))
            elif not rule.arguments:
                others.append(app.url_for(rule.endpoint))
    return about_it, others


def fetch(app: Flask, address: str, **headers: str) -> Any:
    with app.app_context():
        answer = FlaskClient(app).get(address, headers=headers)
    answer.close()
    return answer


@pytest.fixture
def another_process(settings: Settings) -> Iterator[Flask]:
    """The application once more, with caches of its own, on the same database."""
    made = create_app(settings)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_hiding_reaches_all_addresses_of_all_processes_within_a_second(
    *,
    app: Flask,
    another_process: Flask,
    database: SQLAlchemy,
    site: Any,
    pictured: int,
    now: Any,
) -> None:
    """Two processes with caches of their own, both asked for everything before."""
    publish_a_proof(database, site, now)
    processes = [app, another_process]
    about_it, others = addresses(app)
    tags: dict[tuple[int, str], str] = {}
    listed = set()
    for at, process in enumerate(processes):
        for address in about_it * 2:  # the second answer may come from a cache
            answer = fetch(process, address)
            assert answer.status_code in {200, 303}, f"the walk does not reach {address}"
            tags[at, address] = answer.headers.get("ETag", '"none"')
            assert answer.headers["Cache-Control"] in {"public, no-cache", "no-store"}, address
        listed |= {address for address in others if LISTS in fetch(process, address).text}
    assert {"/", "/sitemap.xml", "/api/v1/petitions"} <= listed
    case_hiding.hide(pictured, "asked by the family", "a test", now, site.keyring)
    database.session.commit()
    deadline = time.perf_counter() + WITHIN  # the clock of the test stands still
    left = {(at, address) for at in range(len(processes)) for address in (*about_it, *listed)}
    while left and time.perf_counter() < deadline:
        for at, address in sorted(left):
            answer = fetch(processes[at], address, **{"If-None-Match": tags.get((at, address), "")})
            gone = answer.status_code == 410 and answer.headers["Cache-Control"] == "no-store"
            if gone if address in about_it else LISTS not in answer.text:
                left.remove((at, address))
    assert left == set()


def test_signer_of_a_hidden_case_can_still_take_back(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> None:
    row, other = signed(), signed(email="other@example.org")
    hide(database, now)
    assert client.post(link("not-me", row)).status_code == 200
    form = {"signature": other.id, "action": "withdraw"}
    assert client.post(link("my-signature", other), data=form).status_code == 303
    assert {row.state, other.state} == {SignatureState.WITHDRAWN}
