"""The console's first page: three steps on an empty site, then what waits for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import select, update

from petitions import clock
from petitions.domain import audit, signing
from petitions.models import (
    Case,
    Mail,
    MailState,
    Organisation,
    Organiser,
    Petition,
    PetitionState,
    Role,
)
from tests.domain.cast import Cast, form, publish
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAGE = "/organiser/"
SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    """An open petition whose last day is in three days."""
    made = publish(site, clock.now(), deadline_on=clock.now().date() + timedelta(days=3))
    database.session.commit()
    return made


def cards(client: OrganisersClient) -> dict[str, str]:
    """The text of each card below its heading."""
    page = lxml.html.document_fromstring(client.get(PAGE).text)
    found = {}
    for card in page.find_class("card"):
        title, *rest = (text for part in card.itertext() if (text := " ".join(part.split())))
        found[title] = " ".join(rest)
    return found


def test_empty_site_teaches_three_steps(signed_in: SignedIn) -> None:
    found = cards(signed_in(Role.ADMIN))
    assert [title[:2] for title in found if title[0].isdigit()] == ["1.", "2.", "3."]
    assert "Name the organisation" in found["1. Name the organisation"]
    assert "Enter a case" in found["2. Enter the case"]
    assert "After the step before." in found["3. Publish the petition"]
    assert "Still missing about the organisation" not in found  # the first step says so


def test_steps_show_what_is_done_and_lead_on(signed_in: SignedIn, database: SQLAlchemy) -> None:
    client = signed_in(Role.ADMIN)
    database.session.add(Organisation(id=1, name="Watch"))
    case = Case(slug="anna", source_language="en", created_at=clock.now())
    database.session.add(case)
    database.session.flush()
    html = client.get(PAGE).text
    assert f'href="/organiser/petitions/new/{case.id}"' in html
    found = cards(client)
    done = [title for title, text in found.items() if text.endswith(" done")]
    assert done == ["1. Name the organisation", "2. Enter the case"]
    missing = found["Still missing about the organisation"]
    assert "its postal address, which letters need" in missing


def test_campaigner_is_told_who_names_the_organisation(signed_in: SignedIn) -> None:
    found = cards(signed_in(Role.CAMPAIGNER))
    assert "An admin does this." in found["1. Name the organisation"]
    assert "Still missing about the organisation" not in found


def test_steps_go_when_the_petition_is_published(signed_in: SignedIn, cast: Cast) -> None:
    assert not [title for title in cards(signed_in(Role.ADMIN)) if title[0].isdigit()]


def test_deadline_within_a_week_is_told_to_who_can_do_something(
    signed_in: SignedIn, cast: Cast
) -> None:
    title = "Deadlines within a week"
    for role in (Role.ADMIN, Role.CAMPAIGNER, Role.DELIVERER):
        told = cards(signed_in(role))[title]
        assert "Find Anna B" in told
        assert "days left" in told
    for role in (Role.REVIEWER, Role.TRANSLATOR):
        assert title not in cards(signed_in(role))


def test_drafts_wait_for_who_publishes(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy
) -> None:
    petition = database.session.get(Petition, cast.petition.id)
    assert petition is not None
    petition.state, petition.published_at = PetitionState.DRAFT, None
    case = database.session.get(Case, cast.case.id)
    assert case is not None
    case.published_at = None
    told = cards(signed_in(Role.CAMPAIGNER))["Waiting to be published"]
    assert "petition" in told
    assert "Anna B is missing case" in told
    assert "Waiting to be published" not in cards(signed_in(Role.TRANSLATOR))


def test_mail_in_trouble_is_told_to_reviewers(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    signing.sign(site, cast.petition, form(), hour_ago)
    reviewer = signed_in(Role.REVIEWER)
    assert "1 mail has waited" in cards(reviewer)["Mail in trouble"]
    mail = database.session.execute(select(Mail).where(Mail.kind == "signing")).scalar_one()
    mail.state, mail.address_sealed, mail.final_at = MailState.FAILED, None, hour_ago
    assert "1 mail to a signer failed" in cards(reviewer)["Mail in trouble"]
    assert "Mail in trouble" not in cards(signed_in(Role.CAMPAIGNER))


def test_numbers_of_today_are_shown_and_no_signer(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    moment = clock.now()
    signing.sign(site, cast.petition, form(), moment)
    html = signed_in(Role.TRANSLATOR).get(PAGE).text
    page = lxml.html.document_fromstring(html)
    [row] = page.xpath("//table//tbody/tr")
    assert [cell.text for cell in row.findall("td")] == ["1", "0", "1", "0"]
    assert "Lovelace" not in html
    assert "example.org" not in html.replace("translator-", "").split("<main")[1]


def test_who_has_nothing_to_do_is_told_so(signed_in: SignedIn, cast: Cast) -> None:
    assert "Nothing waits for you" in signed_in(Role.TRANSLATOR).get(PAGE).text


def test_who_was_added_by_an_address_alone_is_asked_for_a_name(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy
) -> None:
    client = signed_in(Role.TRANSLATOR)
    database.session.execute(update(Organiser).values(name=""))
    database.session.commit()
    page = client.get(PAGE).text
    assert "Say what you are called" in page
    account = client.get("/organiser/account/").text
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', account)
    assert seen
    sent = {"name": "Tamar", "language": "en", "seen": seen[1]}
    assert client.post_form("/organiser/account/", sent).status_code == 303
    assert "Say what you are called" not in client.get(PAGE).text


def test_what_was_done_lately_is_told_without_reasons(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    subject = f"petition {cast.petition.id}"
    reason = "Because of Ann"
    audit.record(
        "command", "petition paused", subject, {}, clock.now(), reason=reason, keyring=site.keyring
    )
    audit.record("command", "organiser blocked", "organiser 9", {}, clock.now())
    page = signed_in(Role.TRANSLATOR).get(PAGE).text
    assert "petition paused" in page
    assert "organiser blocked" not in page
    assert "Because of Ann" not in page
    assert "organiser blocked" in signed_in(Role.ADMIN).get(PAGE).text


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_linked_from_the_overview_may_be_opened(
    role: Role, signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    signing.sign(site, cast.petition, form(), clock.now() - timedelta(hours=1))
    audit.record("command", "petition paused", f"petition {cast.petition.id}", {}, clock.now())
    audit.record("command", "case shown again", f"case {cast.case.id}", {}, clock.now())
    client = signed_in(role)
    page = lxml.html.document_fromstring(client.get(PAGE).text)
    links = {url for url in page.xpath("//main//a/@href") if url.startswith("/organiser/")}
    assert links
    for url in links:
        assert client.get(url).status_code == 200, url
