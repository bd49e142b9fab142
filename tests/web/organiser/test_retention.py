"""How long names are kept, in the console; and what its pages say when they are gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions import clock
from petitions.domain import audit, destroying, petitions, retention, signing
from petitions.models import CaseKey, NamesTerm, PetitionState, Role, Signature
from tests.domain.cast import Cast, form, publish
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.test_confirmations import words
from tests.web.organiser.test_overview import cards

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

HOME = "/organiser/retention/"
SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    """A petition that was signed once, and is closed."""
    now = clock.now()
    made = publish(site, now)
    signing.sign(site, made.petition, form(news=True), now)
    signing.confirm(made.petition, 1, now)
    petitions.move(made.petition, PetitionState.CLOSED, now, actor="command")
    database.session.commit()
    return made


@pytest.fixture
def deliverer(signed_in: SignedIn, cast: Cast) -> OrganisersClient:
    return signed_in(Role.DELIVERER)


def test_without_petitions_the_page_says_what_will_be_here(signed_in: SignedIn) -> None:
    assert "No petition is over yet" in words(signed_in(Role.DELIVERER).get(HOME))


def test_a_deliverer_is_asked_says_so_puts_it_off_and_takes_it_back(
    deliverer: OrganisersClient, database: SQLAlchemy
) -> None:
    waits = "Petitions that are over, with names that have no term"
    assert "Is everything handed over?" in cards(deliverer)[waits]
    asked = f"{HOME}1/all-handed-over"
    page = words(deliverer.get(asked))
    assert "90 days from now" in page
    assert "No delivery is on record" in page
    assert database.session.execute(select(NamesTerm)).first() is None
    back = deliverer.get(deliverer.post_form(asked).location)
    assert "Noted. The names of this petition are destroyed on" in back.text
    assert "kept until" in words(back)
    assert "That has been said already." in words(deliverer.get(asked))
    assert waits not in cards(deliverer)
    later = (clock.now() + timedelta(days=120)).date().isoformat()
    for typed, said in (
        ({}, "Choose a day."),
        ({"until": later}, "Write a reason."),
        ({"until": "2020-01-01", "reason": "x"}, "Choose a later day."),
    ):
        answer = deliverer.post_form(f"{HOME}1/put-off", typed)
        assert (answer.status_code, said in answer.text) == (422, True)
    typed = {"until": later, "reason": "A court hears it"}
    put_off = deliverer.post_form(f"{HOME}1/put-off", typed)
    told = words(deliverer.get(put_off.location))
    day = clock.now() + timedelta(days=120)
    assert f"until the end of {day.day} {day:%B %Y} (Moscow time)" in told
    assert "put off" in words(deliverer.get(HOME))
    taken = deliverer.post_form(f"{HOME}1/take-back")
    assert "Taken back." in words(deliverer.get(taken.location))
    assert database.session.execute(select(NamesTerm)).first() is None
    assert "its names have no term yet" in words(deliverer.get(f"{HOME}1/put-off"))


def test_an_open_petition_is_closed_first(
    signed_in: SignedIn, database: SQLAlchemy, site: Any
) -> None:
    publish(site, clock.now())
    database.session.commit()
    client = signed_in(Role.DELIVERER)
    assert "Close the petition first." in words(client.get(f"{HOME}1/all-handed-over"))
    answer = client.post_form(f"{HOME}1/all-handed-over")
    assert "Close the petition first." in client.get(answer.location).text


def test_organisers_are_told_a_month_before(
    deliverer: OrganisersClient, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    soon = "Names that are destroyed soon"
    deliverer.post_form(f"{HOME}1/all-handed-over")
    assert soon not in cards(deliverer)
    term = database.session.execute(select(NamesTerm)).scalar_one()
    term.said_at -= timedelta(days=61)
    database.session.commit()
    assert "you can put that off" in cards(deliverer)[soon]
    assert soon not in cards(signed_in(Role.TRANSLATOR))


@pytest.fixture
def ended(cast: Cast, database: SQLAlchemy, site: Any) -> Cast:
    """The same petition, when names and keys are destroyed."""
    now = clock.now()
    database.session.add(NamesTerm(petition_id=cast.petition.id, said_at=now - timedelta(days=91)))
    database.session.commit()
    retention.delete_part(site, now, actor="worker")
    database.session.commit()
    assert destroying.clear_key_ring(site) == 1
    assert database.session.execute(select(CaseKey.destroyed_at)).scalar_one()
    return cast


def test_afterwards_every_page_of_the_console_answers(
    ended: Cast, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    admin = signed_in(Role.ADMIN)
    confirmations = "/organiser/confirmations/"
    for url in (
        "/organiser/", HOME, f"{HOME}1/all-handed-over", f"{HOME}1/put-off",
        confirmations, f"{confirmations}1", f"{confirmations}1/signatures",
        f"{confirmations}signature/1", f"{confirmations}signature/1/withdraw",
        f"{confirmations}1/mails", f"{confirmations}person", "/organiser/audit/",
        "/organiser/bundles/", "/organiser/bundles/petitions/1", "/organiser/petitions/1",
        "/organiser/cases/1", "/organiser/deliveries/",
    ):  # fmt: skip
        assert admin.get(url).status_code == 200, url
    assert "destroyed" in words(admin.get(HOME))
    assert "deleted" in words(admin.get(f"{confirmations}1/signatures"))
    found = admin.post_form(f"{confirmations}1/address", {"email": "signer@example.org"})
    assert (found.status_code, "no longer kept here" in found.text) == (410, True)
    found = admin.post_form(f"{confirmations}person", {"email": "signer@example.org"})
    assert "names, addresses and the keys to them are destroyed" in words(found)
    official = ended.minister.official_id
    asked = admin.post_form("/organiser/bundles/petitions/1", {"officials": official})
    assert (asked.status_code, "are destroyed: no bundle" in asked.text) == (422, True)
    opened = admin.post_form("/organiser/petitions/1/move/open", {"from": "closed"})
    assert "nobody can sign any more" in admin.get(opened.location).text
    assert admin.post_form(f"{confirmations}signature/1/withdraw").status_code == 303
    assert database.session.get_one(Signature, 1).state == "withdrawn"
    assert audit.first_broken() is None


def test_afterwards_every_public_page_answers(
    ended: Cast, client: Any, site: Any, database: SQLAlchemy
) -> None:
    from petitions.tokens import MY_SIGNATURE

    slug = ended.petition.slug
    for url in ("/", f"/petitions/{slug}", f"/cases/{slug}", f"/embed/{slug}", "/privacy"):
        assert client.get(url).status_code == 200, url
    numbers = client.get(f"/api/v1/petitions/{slug}").json["numbers"]
    assert numbers["confirmed"] == 1
    link = "/my-signature/" + site.tokens.mint(MY_SIGNATURE, [1], clock.now())
    assert client.get(link).status_code == 200
    held = client.post(f"{link}/download", data={"as": "json"}).json["signatures"][0]
    assert (held["name"], held["e-mail"], held["confirmed"]) == (None, None, True)
    assert client.post("/my-signature", data={"email": "signer@example.org"}).status_code == 303
    erase = {"signature": "1", "action": "erase", "sure": "yes"}
    assert client.post(link, data=erase).status_code == 303
    assert "Nothing is held here any more" in client.get(link).text
