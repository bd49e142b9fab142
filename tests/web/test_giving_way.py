"""Pages say what gives way under heavy load, and that they do so is all that changes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import relief
from petitions.domain.relief import Lane
from petitions.web.page_cache import layer
from tests.pages import CheckingClient
from tests.web.test_page_cache import PAGE, Clock, get, keeping, passing

__all__ = ["keeping", "passing"]

COUNTED = "counted once a minute for now"
EMBED = PAGE.replace("/petitions/", "/embed/")
RENEWED = "pages are renewed every half minute for now"
SLOWLY = "our mails go out slowly"


@pytest.mark.parametrize(
    ("lane", "address", "said"),
    [
        (Lane.NUMBERS, PAGE, COUNTED),
        (Lane.NUMBERS, "/", COUNTED),
        (Lane.NUMBERS, EMBED, COUNTED),
        (Lane.PAGES, PAGE, RENEWED),
        (Lane.PAGES, "/", RENEWED),
        (Lane.PAGES, EMBED, RENEWED),
        (Lane.MAILS, f"{PAGE}/check-your-email", SLOWLY),
    ],
)
def test_page_says_what_gives_way(
    *,
    client: CheckingClient,
    app: Flask,
    loaded: Any,
    database: SQLAlchemy,
    now: Any,
    lane: Lane,
    address: str,
    said: str,
) -> None:
    assert said not in client.get(address).text
    relief.switch_on(lane, "command", now)
    database.session.commit()
    app.extensions["petitions.giving_way"] = (float("-inf"), None)  # as a second later
    assert said in client.get(address).text


@pytest.mark.parametrize("lane", [Lane.NUMBERS, Lane.PAGES])
def test_api_says_when_numbers_that_give_way_were_added_up(
    *, client: CheckingClient, app: Flask, loaded: Any, database: SQLAlchemy, now: Any, lane: Lane
) -> None:
    def as_of() -> list[str | None]:
        app.extensions["petitions.giving_way"] = (float("-inf"), None)  # as a second later
        one = client.get(f"/api/v1{PAGE}").get_json()
        return [line["numbers"]["as_of"] for line in (one, *client.get("/api/v1/petitions").json)]

    assert set(as_of()) == {None}
    relief.switch_on(lane, "command", now)
    database.session.commit()
    assert set(as_of()) == {now.isoformat(timespec="seconds")}


def test_kept_pages_are_kept_longer_and_hidden_as_fast(
    *, keeping: Flask, database: SQLAlchemy, passing: Clock, now: Any
) -> None:
    """From the switch on; before it, and after it, changes show within five seconds."""
    first = get(keeping, PAGE)
    relief.switch_on(Lane.PAGES, "command", now)
    database.session.commit()
    keeping.extensions["petitions.giving_way"] = (float("-inf"), None)
    passing.pass_by(1)
    slow = get(keeping, PAGE)
    assert RENEWED in slow.text
    assert RENEWED not in first.text
    passing.pass_by(layer.GIVING_WAY - 0.1)
    assert get(keeping, PAGE).data == slow.data
    relief.switch_off(Lane.PAGES, "command", now)
    database.session.commit()
    keeping.extensions["petitions.giving_way"] = (float("-inf"), None)
    passing.pass_by(1)
    assert RENEWED not in get(keeping, PAGE).text


def test_times_of_pages_that_give_way() -> None:
    fresh, longest = layer.times_of(0.01, layer.GIVING_WAY)
    assert fresh == layer.GIVING_WAY
    assert fresh < longest <= layer.SLOWEST
