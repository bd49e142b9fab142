"""Pages that are edited: two people are told of each other, and what was typed is kept."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from petitions.clock import now
from petitions.domain import editing, retention, unsaved
from petitions.models import (
    AuditEntry,
    Official,
    OpenPage,
    Organiser,
    OrganiserSession,
    Petition,
    Role,
    UnsavedText,
)
from petitions.web.organiser.access import need_of
from tests.domain.petition_cast import Draft, draft
from tests.web.conftest import only_sqlite
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
TEMPLATES = Path(__file__).parents[3] / "templates" / "organiser"
HEADING = "Somebody else has this open"
TOLD_TO_NOBODY = '<section class="notice warning who" hidden>'
OFFER = "You typed something here that is not saved"
SHORT = {
    "account/index.html": "nobody else opens one's own account",
    "bundles/edit.html": "all languages of a letter have one address, by which a page is told",
    "confirmations/papers.html": "one row is entered, and a list that has changed is shown again",
    "officials/holder.html": "a name and a day, and what has changed is shown again",
    "officials/merge.html": "two boxes to tick",
    "officials/sheet.html": "a preview, shown again where the directory has changed",
    "organisers/one.html": "a few boxes to tick",
    "scheduling/when.html": "a day and a time, and what has changed is shown again",
}
"""Forms that are compared when they are saved, and are not told of before."""


@pytest.fixture
def petition(
    database: SQLAlchemy, site: Any, frozen_time: time_machine.Traveller, now: Any
) -> Petition:
    made: Draft = draft(site, now)
    database.session.commit()
    return made.petition


@pytest.fixture
def maja(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.CAMPAIGNER, name="Maja")


@pytest.fixture
def boris(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.TRANSLATOR, name="Boris")


def opens(client: OrganisersClient, page: str, window: str = "one") -> list[dict[str, str]]:
    """What the page's script sends, and is told."""
    answer = client.post_form(f"/organiser/editing/open/{page}", {"window": window})
    assert answer.status_code == 200
    found: list[dict[str, str]] = (answer.json or {})["others"]
    return found


def form_of(client: OrganisersClient, page: str, shown_at: str = "") -> dict[str, Any]:
    """What the page's form would send."""
    answer = client.get(shown_at or f"/organiser/{page}")
    shown = lxml.html.document_fromstring(answer.text)
    [form] = shown.xpath(f"//form[@action='/organiser/{page}']")
    values = {name: value for name, value in form.form_values() if name != "csrf_token"}
    return {name: value.removeprefix("\n") for name, value in values.items()}  # as browsers do


def keeps(client: OrganisersClient, page: str, typed: dict[str, Any]) -> TestResponse:
    """What the page's script sends ten seconds after something was typed."""
    return client.post_form(f"/organiser/editing/keep/{page}?script=1", typed)


def taken_up(client: OrganisersClient, page: str) -> dict[str, Any]:
    """What the form holds once the offer to go on with a text is followed."""
    shown = lxml.html.document_fromstring(client.get(f"/organiser/{page}").text)
    [link] = shown.xpath("//a[text()='Go on with it']/@href")
    return form_of(client, page, link)


def text_of(petition: Petition) -> str:
    return f"petitions/{petition.id}/text/en"


def test_whoever_opens_a_page_second_is_told_of_the_first(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    database: SQLAlchemy,
    frozen_time: time_machine.Traveller,
) -> None:
    page = text_of(petition)
    assert opens(maja, page) == []
    for _ in range(3):  # her script goes on saying so
        frozen_time.shift(timedelta(minutes=1))
        opens(maja, page)
    his = boris.get(f"/organiser/{page}")
    assert re.search(rf"<section[^>]*>\s*<h2>{HEADING}", his.text)
    assert "Maja opened this for editing 3 minutes ago." in his.text
    assert TOLD_TO_NOBODY not in his.text
    hers = maja.get(f"/organiser/{page}")
    assert TOLD_TO_NOBODY in hers.text
    assert database.session.execute(select(OpenPage.organiser_id)).scalars().all() == [
        maja.organiser_id
    ], "looking at a page writes nothing"
    assert [one["who"] for one in opens(boris, page)] == ["Maja"]
    assert [one["who"] for one in opens(maja, page)] == ["Boris"]
    assert opens(boris, f"petitions/{petition.id}/text/ru") == []


def test_page_counts_as_open_until_it_is_left_saved_or_silent(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    frozen_time: time_machine.Traveller,
) -> None:
    page = text_of(petition)
    opens(maja, page)
    opens(maja, page, "the same page, loaded anew")
    for window, others in (("one", ["Maja"]), ("the same page, loaded anew", [])):
        left = maja.post_form(f"/organiser/editing/left/{page}", {"window": window})
        assert left.status_code == 200
        assert [one["who"] for one in opens(boris, page)] == others
    opens(maja, page)
    assert len(opens(boris, page)) == 1
    form = form_of(maja, page)
    refused = maja.post_form(f"/organiser/{page}", {**form, "title": "x" * 400})
    assert refused.status_code == 422
    assert len(opens(boris, page)) == 1, "what is not saved is still being edited"
    saved = maja.post_form(f"/organiser/{page}", {**form, "window": "one", "title": "Free Anna"})
    assert saved.status_code == 303
    assert opens(boris, page) == []
    opens(maja, page)
    frozen_time.shift(editing.LEASE)
    assert opens(boris, page) == []


def test_whoever_leaves_or_saves_in_one_window_is_still_there_in_the_other(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    database: SQLAlchemy,
    frozen_time: time_machine.Traveller,
) -> None:
    page = text_of(petition)

    def leaves(window: str) -> list[str]:
        maja.post_form(f"/organiser/editing/left/{page}", {"window": window})
        return [one["who"] for one in opens(boris, page)]

    opens(maja, page, "one")
    opens(maja, page, "two")
    opens(maja, page, "one")
    assert leaves("one") == ["Maja"]
    assert leaves("one") == ["Maja"], "it is told twice where the network is slow"
    opens(maja, page, "three")
    form = form_of(maja, page)
    saved = maja.post_form(f"/organiser/{page}", {**form, "window": "two", "title": "Free Anna"})
    assert saved.status_code == 303
    assert [one["who"] for one in opens(boris, page)] == ["Maja"]
    assert leaves("three") == []
    for number in range(9):
        opens(maja, page, f"window {number} of many")
    assert leaves("window 8 of many") == ["Maja"]
    frozen_time.shift(editing.LEASE)
    opens(maja, page, "one")
    assert leaves("one") == [], "windows that fell silent are not there any more"
    assert database.session.execute(select(OpenPage.organiser_id)).scalars().all() == [
        boris.organiser_id
    ]


def test_since_when_a_page_is_open_is_told_to_the_second_first(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    frozen_time: time_machine.Traveller,
) -> None:
    page = text_of(petition)
    opens(maja, page)
    for passed, when in ((0, "1 second ago"), (2, "2 seconds ago"), (58, "1 minute ago")):
        frozen_time.shift(timedelta(seconds=passed))
        assert [one["words"] for one in opens(boris, page)] == [
            f"Maja opened this for editing {when}."
        ]


def test_signs_of_life_are_written_every_twenty_seconds_at_most(
    petition: Petition,
    maja: OrganisersClient,
    database: SQLAlchemy,
    frozen_time: time_machine.Traveller,
) -> None:
    page, until = text_of(petition), select(OpenPage.until)
    opens(maja, page)
    first = database.session.execute(until).scalar_one()
    frozen_time.shift(timedelta(seconds=19))
    opens(maja, page)
    assert database.session.execute(until).scalar_one() == first
    frozen_time.shift(timedelta(seconds=1))
    opens(maja, page)
    assert database.session.execute(until).scalar_one() == first + timedelta(seconds=20)


def test_page_that_is_left_open_does_not_keep_a_sign_in_alive(
    petition: Petition,
    maja: OrganisersClient,
    database: SQLAlchemy,
    frozen_time: time_machine.Traveller,
) -> None:
    seen_at = select(OrganiserSession.last_seen_at)
    before = database.session.execute(seen_at).scalar_one()
    frozen_time.shift(timedelta(minutes=10))
    opens(maja, text_of(petition))
    assert database.session.execute(seen_at).scalar_one() == before
    maja.get("/organiser/account/")
    assert database.session.execute(seen_at).scalar_one() == now()


def test_only_who_may_save_a_page_says_that_it_is_open(
    petition: Petition, maja: OrganisersClient, boris: OrganisersClient, database: SQLAlchemy
) -> None:
    facts = f"/organiser/editing/open/petitions/{petition.id}/facts"
    assert boris.post_form(facts).status_code == 403
    refused = select(AuditEntry.actor).where(AuditEntry.action == "refused")
    assert database.session.execute(refused).scalars().all() == [f"organiser {boris.organiser_id}"]
    assert maja.post(facts).status_code == 403, "a form without its token"
    for nothing in ("account/", "nowhere", "cases/1", f"petitions/{petition.id}/publish"):
        assert maja.post_form(f"/organiser/editing/open/{nothing}").status_code == 404
    assert database.session.execute(select(OpenPage)).first() is None
    spelled = f"petitions/00{petition.id}/text/en"
    opens(maja, spelled)
    assert database.session.execute(select(OpenPage.page)).scalar_one() == text_of(petition)


def test_what_is_not_open_any_more_is_deleted(
    petition: Petition, maja: OrganisersClient, database: SQLAlchemy, site: Any
) -> None:
    opens(maja, text_of(petition))
    retention.delete_part(site, now(), actor="worker")
    assert database.session.execute(select(OpenPage)).first() is not None
    retention.delete_part(site, now() + editing.LEASE, actor="worker")
    assert database.session.execute(select(OpenPage)).first() is None


def test_organiser_who_is_gone_has_nothing_open(
    petition: Petition, maja: OrganisersClient, database: SQLAlchemy
) -> None:
    opens(maja, text_of(petition))
    database.session.delete(database.session.get_one(Organiser, maja.organiser_id))
    database.session.commit()
    assert database.session.execute(select(OpenPage)).first() is None


def test_scripts_of_edited_pages_alone_send_requests(
    petition: Petition, maja: OrganisersClient, client: Any
) -> None:
    edited = maja.get(f"/organiser/{text_of(petition)}")
    assert "connect-src 'self'" in edited.headers["Content-Security-Policy"]
    for answer in (maja.get("/organiser/cases/"), client.get("/"), client.get("/my-signature")):
        assert "connect-src" not in answer.headers["Content-Security-Policy"]
    assert "console.js" in edited.text
    assert "console.js" not in client.get("/").text


def test_what_was_typed_is_offered_to_its_writer_again_and_gone_once_it_is_saved(
    petition: Petition, maja: OrganisersClient, boris: OrganisersClient, database: SQLAlchemy
) -> None:
    page, new = text_of(petition), "Anna, whom nobody has seen since May"
    form = form_of(maja, page)
    assert keeps(maja, page, {**form, "title": new}).json == {"kept": True}
    [kept] = database.session.execute(select(UnsavedText.typed)).scalars()
    assert {name for name, _ in kept}.isdisjoint({"csrf_token", "action"})
    assert new not in maja.get(f"/organiser/{page}").text, "what is saved is not touched"
    offered = [client.get(f"/organiser/{page}").text.count(OFFER) for client in (maja, boris)]
    assert offered == [1, 0], "it is for its writer alone"
    again = taken_up(maja, page)
    assert again == {**form, "title": new}
    assert maja.post_form(f"/organiser/{page}", again).status_code == 303
    assert form_of(maja, page)["title"] == new
    assert OFFER not in maja.get(f"/organiser/{page}").text
    assert database.session.execute(select(UnsavedText)).first() is None


def test_what_was_typed_before_somebody_else_saved_is_put_together_not_over_it(
    petition: Petition, maja: OrganisersClient, boris: OrganisersClient
) -> None:
    page = text_of(petition)
    keeps(maja, page, {**form_of(maja, page), "title": "Typed by Maja"})
    his = {**form_of(boris, page), "title": "Saved by Boris"}
    assert boris.post_form(f"/organiser/{page}", his).status_code == 303
    assert "A change was saved here since you began it." in maja.get(f"/organiser/{page}").text
    refused = maja.post_form(f"/organiser/{page}", taken_up(maja, page))
    assert refused.status_code == 409
    assert "Saved by Boris" in refused.text
    assert "Typed by Maja" in refused.text
    assert form_of(maja, page)["title"] == "Saved by Boris"


def test_two_windows_keep_two_texts_and_each_is_discarded_by_itself(
    petition: Petition, maja: OrganisersClient, database: SQLAlchemy
) -> None:
    page = text_of(petition)
    first, second = form_of(maja, page), form_of(maja, page)
    for typed in (first, second, second):
        keeps(maja, page, typed)
    assert maja.get(f"/organiser/{page}").text.count(OFFER) == 2
    done = maja.post_form(f"/organiser/editing/discard/{page}", {"window": first["window"]})
    assert done.location == f"/organiser/{page}"
    kept = database.session.execute(select(UnsavedText.window)).scalars().all()
    assert kept == [second["window"]]


def test_button_keeps_what_was_typed_and_says_that_the_page_is_open(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    frozen_time: time_machine.Traveller,
) -> None:
    page = text_of(petition)
    shown = lxml.html.document_fromstring(maja.get(f"/organiser/{page}").text)
    [button] = shown.xpath("//button[@formaction]")
    typed = {**form_of(maja, page), "title": "By hand"}
    answer = maja.post_form(button.get("formaction"), typed)
    assert answer.status_code == 303
    back = maja.get(answer.location)
    assert "By hand" in back.text
    assert "This is not saved yet" in back.text
    frozen_time.shift(timedelta(minutes=10))
    assert "Maja opened this for editing 10 minutes ago." in boris.get(f"/organiser/{page}").text


def test_only_who_may_save_a_page_keeps_anything_and_not_without_end(
    petition: Petition,
    maja: OrganisersClient,
    boris: OrganisersClient,
    database: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for what in ("keep", "discard"):
        address = f"/organiser/editing/{what}/petitions/{petition.id}/facts"
        assert boris.post_form(address, {"window": "x"}).status_code == 403
        assert boris.post_form(f"/organiser/editing/{what}/account/").status_code == 404
    monkeypatch.setattr(unsaved, "MOST", 1)
    page = text_of(petition)
    assert keeps(maja, page, {"window": "a"}).status_code == 200
    assert keeps(maja, page, {"window": "a", "title": "more"}).status_code == 200
    assert keeps(maja, page, {"window": "b"}).status_code == 409
    assert len(database.session.execute(select(UnsavedText)).all()) == 1


def test_what_nobody_comes_back_to_is_deleted_after_a_month(
    petition: Petition, maja: OrganisersClient, database: SQLAlchemy, site: Any
) -> None:
    keeps(maja, text_of(petition), {"window": "a"})
    for days, left in ((29, 1), (30, 0)):
        retention.delete_part(site, now() + timedelta(days=days), actor="worker")
        assert len(database.session.execute(select(UnsavedText)).all()) == left


@only_sqlite
def test_each_form_is_taken_up_as_it_was_typed(
    petition: Petition, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    olga = signed_in(Role.ADMIN, name="Olga")
    [official] = database.session.execute(select(Official.id).limit(1)).scalars()
    of_case, of_petition = f"cases/{petition.case_id}", f"petitions/{petition.id}"
    for page in (
        *(f"{of_case}/{one}" for one in ("text/en", "facts", "people/new", "updates/new")),
        *(f"{of_petition}/{one}" for one in ("text/ru", "facts", "asks", "addressees")),
        *(f"{of_petition}/{one}" for one in ("consent/en", "countries/DE/en")),
        f"{of_case}/permission", f"officials/{official}/edit", f"officials/{official}/text/ru",
        "officials/new", "organisation/edit", "organisation/contact-offices/new",
    ):  # fmt: skip
        form = form_of(olga, page)
        shown = lxml.html.document_fromstring(olga.get(f"/organiser/{page}").text)
        written = f"//form[@action='/organiser/{page}']//*[self::textarea or @type='text']/@name"
        name = shown.xpath(written)[0]
        keeps(olga, page, {**form, name: "Zebra 17"})
        assert taken_up(olga, page) == {**form, name: "Zebra 17"}, page


@only_sqlite
@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("addressees", {"addressees-0-addressee": "999", "addressees-0-position": "1"}),
        ("asks", {"asks-0-ask": "999", "asks-7-ask": "998", "asks-7-place": "3"}),
    ],
)
def test_what_was_typed_about_what_is_gone_since_stops_no_page(
    petition: Petition, maja: OrganisersClient, page: str, typed: dict[str, str]
) -> None:
    here = f"petitions/{petition.id}/{page}"
    form = form_of(maja, here)
    assert keeps(maja, here, {**form, **typed}).status_code < 300
    shown = lxml.html.document_fromstring(maja.get(f"/organiser/{here}").text)
    [link] = shown.xpath("//a[text()='Go on with it']/@href")
    assert maja.get(link).status_code == 200


def test_every_page_that_is_edited_can_show_what_was_typed_before(app: Flask) -> None:
    views = {
        (rule.rule, method): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    edited = [
        rule
        for (rule, method), view in views.items()
        if method == "POST" and (need := need_of(view)) and need.edits
    ]
    assert len(edited) > 20
    silent = [rule for rule in edited if "restored(" not in inspect.getsource(views[rule, "GET"])]
    assert silent == [], "let the page at the same address show restored(form)"


def test_every_form_that_is_compared_when_it_is_saved_tells_who_else_has_it_open() -> None:
    silent = [
        name
        for path in sorted(TEMPLATES.rglob("*.html"))
        if "form.seen" in (text := path.read_text())
        and "also_open(" not in text
        and (name := str(path.relative_to(TEMPLATES))) not in SHORT
    ]
    assert silent == [], (
        "put {{ also_open(url) }} above the form, and edits=True into @allowed of what saves it"
    )
