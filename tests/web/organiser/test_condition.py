"""How the site runs, in the console: what is amiss is seen on the overview and said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask

from petitions import clock
from petitions.domain import audit, beats, relief, signing
from petitions.models import Role
from tests.domain.cast import form, publish
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAGE, OVERVIEW = "/organiser/condition/", "/organiser/"
AMISS = "Something keeps the site from its work"
SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def up_for_a_day(app: Flask) -> None:
    app.extensions["petitions.started"] = clock.now() - timedelta(days=1)


def rows(client: OrganisersClient) -> dict[str, str]:
    page = lxml.html.document_fromstring(client.get(PAGE).text)
    table = page.find_class("data")[0] if page.find_class("data") else page.xpath("//table")[0]
    found = {}
    for row in table.xpath(".//tbody/tr"):
        name, *cells = (" ".join(cell.text_content().split()) for cell in row)
        found[name] = " ".join(cells)
    return found


def test_site_that_runs_says_so(
    signed_in: SignedIn, database: SQLAlchemy, up_for_a_day: None
) -> None:
    beats.beat("one", clock.now())
    audit.record("command", audit.BACKED_UP, "site", {}, clock.now())
    database.session.commit()
    client = signed_in(Role.TRANSLATOR)
    assert AMISS not in client.get(OVERVIEW).text
    found = rows(client)
    assert found["Worker"].startswith("runs Last seen:")
    assert found["Mails"] == "in time No mail is late."
    assert found["Disk"].startswith("has room")
    assert found["Bundles"].startswith("nothing waits")
    assert found["Backup"].startswith("made The last one:")


def test_worker_that_does_not_run_is_seen_on_the_overview(
    signed_in: SignedIn, database: SQLAlchemy, up_for_a_day: None
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    assert AMISS in client.get(OVERVIEW).text
    assert rows(client)["Worker"].startswith("does not run It was never started")
    assert rows(client)["Backup"].startswith("missing")
    beats.beat("one", clock.now() - timedelta(minutes=2))
    database.session.commit()
    assert "Last seen" in rows(client)["Worker"]
    beats.beat("another", clock.now())
    database.session.commit()
    assert AMISS not in client.get(OVERVIEW).text


def test_late_mails_are_told(
    signed_in: SignedIn, database: SQLAlchemy, site: Any, up_for_a_day: None
) -> None:
    beats.beat("one", clock.now())
    moment = clock.now() - timedelta(minutes=3)
    signing.sign(site, publish(site, moment).petition, form(), moment)
    database.session.commit()
    client = signed_in(Role.CAMPAIGNER)
    assert AMISS in client.get(OVERVIEW).text
    assert rows(client)["Mails"].startswith("late 1 mail was due over a minute ago.")


def test_full_disk_is_told(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, up_for_a_day: None, database: SQLAlchemy
) -> None:
    beats.beat("one", clock.now())
    database.session.commit()
    monkeypatch.setattr("petitions.web.organiser.condition.free_bytes", lambda: 5 << 20)
    client = signed_in(Role.CAMPAIGNER)
    assert AMISS in client.get(OVERVIEW).text
    assert rows(client)["Disk"] == "full 5 MB are left."


def test_admin_lets_something_give_way_and_switches_back(
    signed_in: SignedIn, database: SQLAlchemy
) -> None:
    client = signed_in(Role.ADMIN)
    address = "/organiser/condition/gives-way/numbers"
    assert client.post_form(address, {"to": "on"}).status_code == 303
    page = client.get(PAGE)
    assert "Public numbers give way to heavy load from now on." in page.text
    assert "Some things give way to heavy load" in page.text
    assert list(relief.in_force()) == [relief.Lane.NUMBERS]
    database.session.rollback()
    client.post_form(address, {"to": "off"})
    assert relief.in_force() == {}
    assert client.post_form("/organiser/condition/gives-way/signing").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_others_see_the_switches_and_turn_none(
    signed_in: SignedIn, database: SQLAlchemy, role: Role
) -> None:
    client = signed_in(role)
    assert "gives-way/numbers" not in client.get(PAGE).text
    answer = client.post_form("/organiser/condition/gives-way/numbers", {"to": "on"})
    assert answer.status_code == 403
    assert relief.in_force() == {}
