"""The organisation in the console: entered at first, changed, and what readers see of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from petitions.domain import audit
from petitions.domain.organisation import facts_of, the_organisation
from petitions.models import AfterDeadline, ContactOffice, Organisation, Role
from tests.documents.pictures import emblem
from tests.domain import cast
from tests.pages import CheckingClient
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
INDEX = "/organiser/organisation/"
EDIT = "/organiser/organisation/edit"
LETTERHEAD = "/organiser/organisation/letterhead"
OFFICES = "/organiser/organisation/contact-offices/"
ONLY_A_NAME = {"name": "Watch", "languages": "English", "time_zone": "UTC", "authors_publish": "y"}
ALL = {
    "name": "Watch",
    "about": "We watch.\r\n\r\nEvery day.",
    "postal_address": "1 Quay\r\nHaven",
    "contact_email": "office@watch.example.org",
    "contact_phone": "+44 20 7946 0000",
    "website": "https://watch.example.org/",
    "controller": "Watch\r\n1 Quay\r\nHaven",
    "languages": "English\r\nRussian",
    "time_zone": "Europe/Berlin",
    "accent_colour": "#7a3b00",
}
GERMANY = {"country": "DE", "name": "Watch Deutschland", "email": "de@watch.example.org"}


@pytest.fixture
def admin(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.ADMIN, name="Ada")


def typed_in(html: str, action: str) -> dict[str, str]:
    """What the form with this address would send if its button were pressed."""
    page = lxml.html.document_fromstring(html)
    form = next(f for f in page.forms if (f.get("action") or "").startswith(action))
    # A browser drops the line end right after <textarea>.
    typed = {name: (value or "").removeprefix("\n") for name, value in form.form_values()}
    return {name: value for name, value in typed.items() if name != "csrf_token"}


def saves(client: OrganisersClient, typed: dict[str, str]) -> TestResponse:
    """Save as somebody does who looked at the page just before."""
    seen = typed_in(client.get(EDIT).text, EDIT)["seen"]
    return client.post_form(EDIT, {"seen": seen, **typed})


def ours(database: SQLAlchemy) -> Organisation:
    found = the_organisation()
    assert found is not None
    return found


def test_empty_site_asks_its_admin_for_a_name(
    admin: OrganisersClient, client: CheckingClient, database: SQLAlchemy
) -> None:
    page = admin.get(INDEX)
    assert "Enter your organisation" in page.text
    typed = typed_in(page.text, EDIT)
    assert typed["languages"] == "English"

    refused = admin.post_form(EDIT, typed)
    assert refused.status_code == 422
    assert "Write the name." in refused.text

    assert admin.post_form(EDIT, {**typed, "name": "Watch"}).status_code == 303
    page = admin.get(INDEX)
    for needed in (
        "Still missing",
        "The postal address",
        "Who is responsible",
        "An e-mail address",
    ):
        assert needed in page.text
    assert "Watch" in client.get("/about").text
    entry = audit.latest("organisation")
    assert entry is not None
    assert entry.action == "organisation entered"


def test_empty_site_tells_others_that_an_admin_enters_it(signed_in: SignedIn) -> None:
    assert "An admin enters it" in signed_in(Role.CAMPAIGNER).get(INDEX).text


def test_public_pages_read_well_with_nothing(client: CheckingClient) -> None:
    for address in ("/about", "/privacy"):
        assert "has not been entered yet" in client.get(address).text


def test_public_pages_read_well_with_a_name_alone(
    admin: OrganisersClient, client: CheckingClient
) -> None:
    saves(admin, ONLY_A_NAME)
    about, privacy = client.get("/about").text, client.get("/privacy").text
    assert "How to reach us" not in about
    assert "Responsible for your data" not in about
    assert "<dl" not in about
    assert "Watch" in privacy


def test_public_pages_tell_everything_at_once(
    admin: OrganisersClient, client: CheckingClient, database: SQLAlchemy
) -> None:
    saves(admin, ONLY_A_NAME)
    assert "1 Quay" not in client.get("/about").text  # and so the organisation is in the cache
    assert saves(admin, ALL).status_code == 303
    about, privacy = client.get("/about").text, client.get("/privacy").text
    for shown in (
        "We watch.",
        "1 Quay",
        "office@watch.example.org",
        "+44 20",
        "watch.example.org/",
    ):
        assert shown in about
    assert "<bdi>Watch</bdi><br><bdi>1 Quay</bdi><br><bdi>Haven</bdi>" in privacy

    facts = facts_of(ours(database))
    assert facts.languages == ("en", "ru")
    assert facts.authors_publish is False
    assert facts.second_step_for_all is False
    assert saves(admin, {**ALL, "second_step_for_all": "y"}).status_code == 303
    assert facts_of(ours(database)).second_step_for_all is True
    assert "Every organiser." in admin.get(INDEX).text
    assert "Still missing" not in admin.get(INDEX).text


def test_everything_wrong_is_told_at_once_and_nothing_is_lost(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    wrong = {
        **ALL,
        "contact_email": "office",
        "website": "http://watch.example.org",
        "languages": "English\r\nKlingonish",
        "time_zone": "Moon/Copernicus",
        "accent_colour": "brown",
    }
    answer = saves(admin, wrong)
    assert answer.status_code == 422
    for told in ("name@example.org", "begins with https://", "No language is called “Klingonish”"):
        assert told in answer.text
    # All at once: nobody mends three things to learn of a fourth.
    for field in ("contact_email", "website", "languages", "time_zone", "accent_colour"):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}-error"' in answer.text
    assert typed_in(answer.text, EDIT)["controller"] == "Watch\n1 Quay\nHaven"
    assert the_organisation() is None


def test_colour_is_typed_or_picked(admin: OrganisersClient, database: SQLAlchemy) -> None:
    def saved(**typed: str) -> str:
        page = typed_in(admin.get(EDIT).text, EDIT)
        assert admin.post_form(EDIT, {**page, **typed}).status_code == 303
        return ours(database).accent_colour

    saves(admin, ONLY_A_NAME)
    assert saved() == ""
    assert saved(accent_picker="#0b6e4f") == "#0b6e4f"
    assert saved(accent_colour="#7a3b00") == "#7a3b00"
    assert saved(accent_colour="#123456", accent_picker="#654321") == "#123456"
    assert saved(accent_colour="") == ""


def test_pale_colour_is_kept_with_a_warning(admin: OrganisersClient) -> None:
    answer = saves(admin, {**ALL, "accent_colour": "#ffcc00"})
    assert answer.status_code == 303
    assert "hard to read on white paper" in admin.get(INDEX).text


def test_two_who_change_it_are_told_of_each_other(
    admin: OrganisersClient, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    saves(admin, ALL)
    other = signed_in(Role.ADMIN, name="Robin")
    mine = typed_in(admin.get(EDIT).text, EDIT)
    theirs = typed_in(other.get(EDIT).text, EDIT)
    other.post_form(EDIT, {**theirs, "contact_phone": "+49 30 1"})
    answer = admin.post_form(EDIT, {**mine, "contact_phone": "+44 20 2"})
    assert answer.status_code == 409
    assert "Robin" in answer.text
    assert "+49 30 1" in answer.text
    again = typed_in(answer.text, EDIT)
    assert again["contact_phone"] == "+44 20 2"
    assert admin.post_form(EDIT, again).status_code == 303
    assert ours(database).contact_phone == "+44 20 2"


def test_letterhead_is_uploaded_shown_and_removed(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    assert "Enter the name" in admin.get(LETTERHEAD).text
    saves(admin, ALL)
    answer = upload(admin, emblem())
    assert answer.status_code == 303
    assert "/organiser/organisation/letterhead.png" in admin.get(LETTERHEAD).text
    picture = admin.get("/organiser/organisation/letterhead.png")
    assert picture.mimetype == "image/png"
    assert picture.data == ours(database).letterhead

    assert admin.post_form(f"{LETTERHEAD}/remove").status_code == 303
    assert ours(database).letterhead is None
    assert admin.get("/organiser/organisation/letterhead.png").status_code == 404


def test_letterhead_that_is_no_picture_is_refused(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    saves(admin, ALL)
    refused = upload(admin, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert refused.status_code == 422
    assert "no picture that we can read" in refused.text
    assert upload(admin, b"").status_code == 422
    assert ours(database).letterhead is None


def upload(client: OrganisersClient, content: bytes) -> Any:
    data = {"picture": (io.BytesIO(content), "head.png")}
    return client.post_form(LETTERHEAD, data, content_type="multipart/form-data")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sample_letter_is_a_pdf(admin: OrganisersClient) -> None:
    assert admin.get("/organiser/organisation/sample-letter.pdf").status_code == 404
    saves(admin, ALL)
    upload(admin, emblem())
    sample = admin.get("/organiser/organisation/sample-letter.pdf")
    assert sample.mimetype == "application/pdf"
    assert sample.data.startswith(b"%PDF-")


def test_contact_offices_are_added_changed_and_deleted(
    admin: OrganisersClient, client: CheckingClient, database: SQLAlchemy
) -> None:
    saves(admin, ALL)
    assert admin.post_form(f"{OFFICES}new", GERMANY).status_code == 303
    assert admin.post_form(f"{OFFICES}new", {"name": "Watch everywhere"}).status_code == 303
    about = client.get("/about").text
    assert "Watch Deutschland" in about
    assert "For all other countries" in about

    twice = admin.post_form(f"{OFFICES}new", {**GERMANY, "name": "Another"})
    assert twice.status_code == 422
    assert 'href="#country"' in twice.text
    assert "There is a contact office for this choice already" in twice.text

    made = database.session.execute(
        select(ContactOffice.id).where(ContactOffice.country == "DE")
    ).scalar_one()
    address = f"{OFFICES}{made}"
    typed = typed_in(admin.get(address).text, address)
    changed = {**typed, "name": "Watch in Germany"}
    assert admin.post_form(address, changed).status_code == 303
    assert "Watch in Germany" in admin.get(INDEX).text
    conflict = admin.post_form(address, {**typed, "name": "Mine"})
    assert conflict.status_code == 409
    assert "Watch in Germany" in conflict.text

    assert "Germany" in admin.get(f"{address}/delete").text
    assert admin.post_form(f"{address}/delete").status_code == 303
    assert database.session.execute(select(func.count(ContactOffice.id))).scalar_one() == 1
    assert admin.get(address).status_code == 404


def test_office_that_petitions_point_at_is_not_deleted(
    admin: OrganisersClient, database: SQLAlchemy, site: Any, now: datetime
) -> None:
    admin.post_form(f"{OFFICES}new", {"name": "Watch everywhere"})
    address = f"{OFFICES}{database.session.execute(select(ContactOffice.id)).scalar_one()}"
    assert "<button" in admin.get(f"{address}/delete").text.split("<main")[1]
    petition = cast.publish(site, now, after_deadline=AfterDeadline.ASK_FIRST).petition
    database.session.commit()
    for answer in (admin.get(f"{address}/delete"), admin.post_form(f"{address}/delete")):
        assert "choose another rule for these petitions" in answer.text
        assert f'href="/organiser/petitions/{petition.id}"' in answer.text
    assert answer.status_code == 409
    typed = typed_in(admin.get(address).text, address)
    moved = admin.post_form(address, {**typed, "country": "FR"})
    assert moved.status_code == 422
    assert "choose another rule for these petitions: Find Anna B" in moved.text
    assert database.session.execute(select(ContactOffice.country)).scalar_one() is None


def test_who_may_only_look_changes_nothing(
    admin: OrganisersClient, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    saves(admin, ALL)
    admin.post_form(f"{OFFICES}new", GERMANY)
    campaigner = signed_in(Role.CAMPAIGNER)
    page = campaigner.get(INDEX)
    assert page.status_code == 200
    assert EDIT not in page.text
    for address in (EDIT, LETTERHEAD, f"{LETTERHEAD}/remove", f"{OFFICES}new", f"{OFFICES}1"):
        assert campaigner.post_form(address, ONLY_A_NAME).status_code == 403
    assert campaigner.post_form(f"{OFFICES}1/delete").status_code == 403
    assert ours(database).postal_address == "1 Quay\nHaven"
