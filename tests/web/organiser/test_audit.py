"""The record in the console: plain words, filters, pages, and checking the chain."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import delete, update

from petitions import clock
from petitions.domain import audit
from petitions.domain.audit_reading import PAGE as MOST
from petitions.models import AuditEntry, Organisation, Organiser, Role
from petitions.web.organiser.audit_actions import ACTIONS
from tests.house.files import modules_of_petitions, tree_of
from tests.web.organiser.conftest import MakeOrganiser, OrganisersClient

if TYPE_CHECKING:
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

PAGE = "/organiser/audit/"


@pytest.fixture
def admin(signed_in: Callable[..., OrganisersClient]) -> OrganisersClient:
    return signed_in(Role.ADMIN, name="Ann Admin")


def rows(html: str) -> list[list[str]]:
    """The cells of the list: what, about, by whom, when, more."""
    page = lxml.html.document_fromstring(html)
    return [
        [re.sub(r"\s+", " ", " ".join(cell.itertext())).strip() for cell in row]
        for row in page.xpath("//tbody/tr[starts-with(@id, 'entry-')]")
    ]


def links(html: str, rel: str) -> list[str]:
    return [
        str(url) for url in lxml.html.document_fromstring(html).xpath(f"//a[@rel='{rel}']/@href")
    ]


def test_entries_say_in_plain_words_who_did_what_to_what(
    admin: OrganisersClient, make_organiser: MakeOrganiser, database: SQLAlchemy, site: Any
) -> None:
    bob = make_organiser(Role.REVIEWER, name="Bob Brown")
    detail = {
        "language": "ru",
        "fields": ["roles"],
        "before": {"roles": ["reviewer"], "goal": None},
        "after": {"roles": ["reviewer", "deliverer"], "goal": 500},
    }
    audit.record(
        f"organiser {bob.id}",
        "organiser changed",
        f"organiser {admin.organiser_id}",
        detail,
        clock.now(),
        reason="She asked for it <b>",
        keyring=site.keyring,
    )
    html = admin.get(PAGE).text
    [first, second] = rows(html)
    assert first[1:3] == ["organiser Ann Admin", "Bob Brown"]
    assert "She asked for it <b>" in first[4]
    assert "roles before: reviewer after: reviewer, deliverer" in first[4]
    assert "goal before: nothing after: 500" in first[4]
    assert "language ru" in first[4]
    assert "sha256" not in first[4]
    assert second[2] == "Ann Admin"
    assert f'href="/organiser/organisers/{admin.organiser_id}"' in html


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(0, 1, "before: 0 after: 1"), ([], [{"official": 14}], "before: nothing after: official: 14")],
)
def test_change_of_a_number_or_a_list_is_told(
    admin: OrganisersClient, database: SQLAlchemy, before: Any, after: Any, said: str
) -> None:
    detail = {"before": before, "after": after}
    audit.record("command", "asks changed", "petition 3", detail, clock.now())
    assert said in rows(admin.get(PAGE).text)[0][4]
    assert admin.get("/organiser/").status_code == 200


def test_days_times_and_words_are_told_as_the_other_pages_tell_them(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    database.session.add(Organisation(id=1, name="Watch", time_zone="Asia/Tashkent"))
    detail = {
        "attempted_at": "2026-11-30T23:00+00:00",
        "channel": "meeting",
        "outcome": "accepted without meeting",
        "state": "requested",
        "reply_due_on": "2026-12-09",
        "place": "2026-13-09",
        "before": {"kind": "further"},
        "after": {"kind": "correction"},
    }
    audit.record("command", "delivery logged", "delivery 1", detail, clock.now())
    told = rows(admin.get(PAGE).text)[0][4]
    assert "attempted at 1 December 2026, 04:00" in told
    assert "channel in person" in told
    assert "outcome accepted, without a meeting" in told
    assert "state asked for" in told
    assert "reply due on 9 December 2026" in told
    assert "place 2026-13-09" in told
    assert "kind before: Further information after: Correction" in told


def test_reason_that_was_wiped_or_does_not_open_is_said_to_be(
    admin: OrganisersClient, database: SQLAlchemy, site: Any
) -> None:
    ring, moment = site.keyring, clock.now()
    wiped = audit.record("command", "a", "b", {}, moment, reason="gone", keyring=ring)
    damaged = audit.record("command", "a", "b", {}, moment, reason="lost", keyring=ring)
    wiped.reason_sealed, damaged.reason_sealed = None, b"no longer what it was"
    said = " ".join(cells[4] for cells in rows(admin.get(PAGE).text))
    assert "has been wiped since" in said
    assert "does not open" in said


def test_filters_narrow_and_stay_while_one_turns_pages(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    for number in range(MOST + 5):
        audit.record("command", "petition opened", "petition 5", {"n": number}, clock.now())
    audit.record("worker", "bundle frozen", "anna-b-1", {}, clock.now())
    first = admin.get(f"{PAGE}?who=command&about=petition+5")
    assert len(rows(first.text)) == MOST
    assert links(first.text, "prev") == []
    [older] = links(first.text, "next")
    second = admin.get(older)
    assert len(rows(second.text)) == 5
    assert links(second.text, "next") == []
    [newer] = links(second.text, "prev")
    assert rows(admin.get(newer).text) == rows(first.text)
    assert rows(admin.get(f"{PAGE}?what=bundle+frozen").text)[0][1] == "bundle anna-b-1"
    assert rows(admin.get(f"{PAGE}?about=petition+51").text) == []
    assert "Nothing like that is on record" in admin.get(f"{PAGE}?about=petition+51").text


def test_days_narrow_and_one_that_cannot_be_read_is_kept_and_said(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    now = clock.now()
    tomorrow = f"{now + timedelta(days=1):%Y-%m-%d}"
    assert rows(admin.get(f"{PAGE}?last_on={now:%Y-%m-%d}").text)
    assert rows(admin.get(f"{PAGE}?first_on={tomorrow}").text) == []
    refused = admin.get(f"{PAGE}?first_on=yesterday&about=petition")
    assert refused.status_code == 422
    assert 'value="yesterday"' in refused.text
    assert 'value="petition"' in refused.text
    turned = admin.get(f"{PAGE}?first_on={tomorrow}&last_on={now:%Y-%m-%d}")
    assert turned.status_code == 422
    assert "This day is before the one from which you look." in turned.text


def test_refusals_are_told_in_words(
    admin: OrganisersClient, signed_in: Callable[..., OrganisersClient]
) -> None:
    translator = signed_in(Role.TRANSLATOR)
    assert translator.post_form("/organiser/confirmations/signature/1/attest").status_code == 403
    [[*_, told]] = rows(admin.get(f"{PAGE}?what=refused").text)
    assert "page Confirmations" in told
    assert "what was tried to do something there" in told
    assert "confirmations." not in told


def test_times_and_days_are_those_of_the_organisation_and_the_page_says_so(
    admin: OrganisersClient, database: SQLAlchemy, app: Flask
) -> None:
    database.session.add(Organisation(id=1, name="Watch", time_zone="Asia/Kathmandu"))
    at = datetime(2026, 3, 14, 20, 0, tzinfo=UTC)
    audit.record("command", "case hidden", "case 5", {}, at)
    database.session.commit()
    app.extensions["petitions.organisation"] = (float("-inf"), None)  # it is kept for a moment
    narrowed = f"{PAGE}?about=case+5&first_on=2026-03-15&last_on=2026-03-15"
    page = admin.get(narrowed).text
    [[_, _, _, when, _]] = rows(page)
    assert when == "15 March 2026, 01:45"
    assert 'datetime="2026-03-14T20:00:00+00:00"' in page
    assert "All times that name no place are Kathmandu time." in page
    assert rows(admin.get(narrowed.replace("15", "14")).text) == []


@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=0", "who=nobody", "about=%25"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_addresses_that_make_no_sense_do_no_harm(query: str, admin: OrganisersClient) -> None:
    assert admin.get(f"{PAGE}?{query}").status_code == 200


def test_chain_is_verified_and_a_changed_entry_named(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    entries = [audit.record("command", "a", "b", {"n": n}, clock.now()) for n in range(3)]
    page = admin.get(f"{PAGE}verify").text
    assert "4 entries were checked" in page
    assert entries[-1].hash in page.replace(" ", "")
    database.session.execute(
        update(AuditEntry).where(AuditEntry.id == entries[1].id).values(actor="organiser 9")
    )
    page = admin.get(f"{PAGE}verify").text
    assert f"Entry {entries[1].id} does not fit" in page
    assert "were checked" not in page


def test_hash_that_was_noted_shows_that_newest_entries_were_cut_off(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    noted = audit.record("command", "a", "b", {}, clock.now()).hash
    asked = f"{PAGE}verify?expect={noted[:32]}+{noted[32:]}"
    assert "The hash you noted is among them." in admin.get(asked).text
    database.session.execute(delete(AuditEntry).where(AuditEntry.hash == noted))
    gone = admin.get(asked)
    assert gone.status_code == 200
    assert "The hash you noted is not in the record" in gone.text


@pytest.mark.parametrize("typed", ["abc", "0" * 63, "0" * 65, "g" * 64, "x y"])
def test_what_is_no_hash_is_said_beside_its_field_and_accuses_nobody(
    admin: OrganisersClient, typed: str
) -> None:
    refused = admin.get(f"{PAGE}verify", query_string={"expect": typed})
    assert refused.status_code == 422
    assert "A hash has 64 signs" in refused.text
    assert f'value="{typed}"' in refused.text
    assert "is not in the record" not in refused.text
    assert "1 entry was checked" in refused.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_read_the_record(
    role: Role, signed_in: Callable[..., OrganisersClient], database: SQLAlchemy
) -> None:
    client = signed_in(role)
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}verify").status_code == 403


def test_reading_changes_nothing(admin: OrganisersClient, database: SQLAlchemy) -> None:
    admin.get(PAGE)
    before = [entry.hash for entry in audit.entries()]
    admin.get(PAGE)
    admin.get(f"{PAGE}verify")
    assert [entry.hash for entry in audit.entries()] == before
    assert database.session.get(Organiser, admin.organiser_id) is not None


def test_each_action_that_is_recorded_has_words() -> None:
    recorded = {
        (argument.value, module)
        for module, path in modules_of_petitions().items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"audit.record", "trail.record"}
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant)
    }
    assert len(recorded) > 20
    wordless = sorted((action, module) for action, module in recorded if action not in ACTIONS)
    assert not wordless, (
        "Add these to petitions/web/organiser/audit_actions.py, so that the record can be read in "
        f"every language: {wordless}"
    )
