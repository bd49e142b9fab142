"""The page for somebody else with the same mailbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions.models import PetitionState, Signature
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, stamp_in
from tests.web.test_pages import move, words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

BORIS = {
    **{name: value for name, value in ANNA.items() if name != "email"},
    "name": "Boris Borisov",
    "initials": "B. B.",
    "another": "yes",
}


@pytest.fixture
def url(loaded: Loaded, signed: Callable[..., Any], link: Callable[..., str]) -> str:
    return link("also-sign", signed())


def send(client: CheckingClient, url: str, **typed: str) -> Any:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    return client.post(url, data={**BORIS, "stamp": stamp, **typed})


def rows(database: SQLAlchemy) -> list[tuple[str, bool]]:
    query = select(Signature.state, Signature.shares_mailbox).order_by(Signature.id)
    return [(row.state, row.shares_mailbox) for row in database.session.execute(query)]


def test_page_shows_what_is_signed_and_neither_the_first_name_nor_the_address(
    client: CheckingClient, url: str
) -> None:
    page = client.get(url)
    words = words_of(page.text)
    assert "Chairman of the Investigation Committee" in words
    assert ANNA["name"].split()[0] not in words
    assert "example.org" not in page.text
    assert 'name="email"' not in page.text


def test_second_person_counts_beside_the_first(
    client: CheckingClient, database: SQLAlchemy, url: str
) -> None:
    for _ in range(2):  # the button pressed twice gives the same answer
        answer = send(client, url)
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            f"/petitions/{OPEN}/thank-you",
        )
    assert rows(database) == [("pending", False), ("confirmed", True)]
    assert client.get(f"/api/v1/petitions/{OPEN}").json["numbers"]["confirmed"] == 1
    assert client.get(url).status_code == 409
    third = send(client, url, name="Carla Third")
    assert third.status_code == 409
    assert "Two people have signed" in third.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ANNA["name"].upper()}, "Everybody counts once"),
        ({"another": ""}, "Only somebody else can sign here"),
        ({"consent": ""}, "Without your consent"),
        ({"stamp": "old"}, "open for more than a day"),
    ],
)
def test_what_is_refused_is_said_and_nothing_typed_is_lost(
    client: CheckingClient, database: SQLAlchemy, url: str, typed: dict[str, str], told: str
) -> None:
    answer = send(client, url, **{"place": "Kazan", **typed})
    assert answer.status_code == 422
    assert told in words_of(answer.text)
    assert 'value="Kazan"' in answer.text
    assert rows(database) == [("pending", False)]


def test_both_stand_on_the_page_of_ones_own_signatures(
    client: CheckingClient, database: SQLAlchemy, site: Any, url: str
) -> None:
    from petitions import clock
    from petitions.domain import privacy
    from petitions.tokens import MY_SIGNATURE

    send(client, url)
    ids = privacy.signatures_of(site, ANNA["email"])
    assert len(ids) == 2
    token = site.tokens.mint(MY_SIGNATURE, ids, clock.now())
    words = words_of(client.get(f"/my-signature/{token}").text)
    assert "Boris Borisov" in words
    assert ANNA["name"] in words


def test_old_link_and_closed_petition_take_nobody(
    client: CheckingClient, database: SQLAlchemy, url: str, frozen_time: Any
) -> None:
    move(database, OPEN, state=PetitionState.CLOSED)
    assert client.get(url).status_code == 409
    move(database, OPEN, state=PetitionState.OPEN)
    frozen_time.shift(timedelta(days=7, seconds=1))
    assert client.get(url).status_code == 410
    assert client.post(url, data=BORIS).status_code == 410
