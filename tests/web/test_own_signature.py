"""One's own signature: the mailed link, and everything that can be done with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions.models import (
    Addressee,
    Appearance,
    Bundle,
    BundleSignature,
    Mail,
    SignatureState,
)
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded
from tests.web.test_pages import words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    Signed = Callable[..., Any]
    Link = Callable[..., str]


@pytest.fixture
def mine(client: CheckingClient, loaded: Loaded, signed: Signed, link: Link) -> Any:
    """A confirmed signature that shows all, with news."""
    row = signed(news="yes")
    client.post(link("confirm", row))
    return row


def test_asking_queues_a_mail_and_says_so(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    answer = client.post("/my-signature", data={"email": "who@example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/my-signature/check-your-email",
    )
    assert database.session.execute(select(Mail.kind)).scalar_one() == "my signature"
    assert "petitions@example.org" in client.get(answer.headers["Location"]).text


def test_asking_with_no_address_keeps_what_was_typed(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = client.post("/my-signature", data={"email": "not one"})
    assert answer.status_code == 422
    assert 'value="not one"' in answer.text


def test_signer_sees_what_is_held(client: CheckingClient, mine: Any, link: Link) -> None:
    words = words_of(client.get(link("my-signature", mine)).text)
    for expected in (ANNA["name"], "A. S.", "Akureyri", "Iceland", "My name, town and country"):
        assert expected in words
    assert "14 March 2026, 09:26 UTC" in words


def test_signer_shows_less_and_never_more(client: CheckingClient, mine: Any, link: Link) -> None:
    url = link("my-signature", mine)
    form = {"signature": mine.id, "action": "show-less", "appearance": "counted"}
    answer = client.post(url, data=form)
    assert answer.status_code == 303
    assert "Officials see less" in client.get(answer.headers["Location"]).text
    assert mine.appearance is Appearance.COUNTED
    refused = client.post(url, data=form | {"appearance": "full"})
    assert refused.status_code == 422
    assert mine.appearance is Appearance.COUNTED


@pytest.mark.parametrize("appearance", ["", "everything"])
def test_showing_less_of_nothing_chosen_changes_nothing(
    client: CheckingClient, mine: Any, link: Link, appearance: str
) -> None:
    form = {"signature": mine.id, "action": "show-less", "appearance": appearance}
    assert client.post(link("my-signature", mine), data=form).status_code == 303
    assert mine.appearance is Appearance.FULL


def test_signer_withdraws(client: CheckingClient, mine: Any, link: Link) -> None:
    url = link("my-signature", mine)
    for _ in range(2):
        answer = client.post(url, data={"signature": mine.id, "action": "withdraw"})
        assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Withdrawn" in page
    assert "Nothing is held here any more" in page
    assert (mine.state, mine.person_sealed, mine.lookup) == (SignatureState.WITHDRAWN, None, None)
    assert client.get("/api/v1/petitions/" + OPEN).json["numbers"]["confirmed"] == 0


def test_signer_stops_news(client: CheckingClient, mine: Any, link: Link) -> None:
    assert mine.address_sealed is not None
    url = link("my-signature", mine)
    client.post(url, data={"signature": mine.id, "action": "stop-news"})
    assert (mine.news, mine.address_sealed) == (False, None)
    assert "Stop news" not in client.get(url).text


def test_erasing_asks_first(client: CheckingClient, mine: Any, link: Link) -> None:
    url = link("my-signature", mine)
    form = {"signature": str(mine.id), "action": "erase"}
    asked = client.post(url, data=form)
    assert asked.status_code == 200
    assert "Erase this signature?" in asked.text
    assert mine.state is SignatureState.CONFIRMED
    assert client.post(url, data=form | {"sure": "yes"}).status_code == 303
    assert (mine.state, mine.person_sealed) == (SignatureState.WITHDRAWN, None)


@pytest.mark.parametrize("method", ["get", "post"])
def test_download_holds_everything(
    client: CheckingClient, mine: Any, link: Link, method: str
) -> None:
    answer = getattr(client, method)(link("my-signature", mine) + "/download")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    (held,) = answer.json["signatures"]
    for name in ("name", "place", "country", "appearance"):
        assert held[name] == ANNA[name]
    assert held["e-mail"] == ANNA["email"]
    assert held["initials"] == "A. S."
    assert held["consent"].startswith("I agree")
    assert held["confirmed"] is True
    assert [mail["kind"] for mail in held["mails"]] == ["signing"]


def test_address_is_not_in_the_download_once_it_is_gone(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    client.post(link("confirm", row))
    held = client.get(link("my-signature", row) + "/download").json["signatures"]
    assert held[0]["e-mail"] is None


def test_signature_of_another_link_cannot_be_touched(
    client: CheckingClient, mine: Any, signed: Signed, link: Link
) -> None:
    other = signed(email="other@example.org")
    form = {"signature": mine.id, "action": "withdraw"}
    assert client.post(link("my-signature", other), data=form).status_code == 404
    wrong = {"signature": mine.id, "action": "publish"}
    assert client.post(link("my-signature", mine), data=wrong).status_code == 404
    assert mine.state is SignatureState.CONFIRMED


def test_frozen_lists_are_told_with_what_they_show(
    client: CheckingClient, database: SQLAlchemy, mine: Any, link: Link, now: Any
) -> None:
    addressee = (
        database.session.execute(select(Addressee).where(Addressee.petition_id == mine.petition_id))
        .scalars()
        .first()
    )
    assert addressee is not None
    bundle = Bundle(
        public_id="b" * 32, petition_id=mine.petition_id, number=1, addressee_id=addressee.id,
        official_id=addressee.official_id, text_version_id=mine.text_version_id, language="en",
        names_go=True, frozen_at=now, named=1, initials=0, counted=0, eligible=1,
    )  # fmt: skip
    database.session.add(bundle)
    database.session.flush()
    stands = BundleSignature(
        bundle_id=bundle.id, signature_id=mine.id, appearance=Appearance.FULL, line=1
    )
    database.session.add(stands)
    words = words_of(client.get(link("my-signature", mine)).text)
    assert re.search(r"List 1 of 14 March 2026 for Chairman .*: your name, town and country", words)
    assert "cannot be called back" in words


def test_set_aside_signature_looks_like_any_other(
    client: CheckingClient, database: SQLAlchemy, mine: Any, link: Link
) -> None:
    url = link("my-signature", mine)
    before = client.get(url).data
    mine.state, mine.set_aside_reason = SignatureState.SET_ASIDE, "a pattern"
    assert client.get(url).data == before


def test_server_without_the_private_half_says_so(
    client: CheckingClient, mine: Any, link: Link, site: Any
) -> None:
    url = link("my-signature", mine)
    for file in site.keyring._folder.glob("case-*"):
        file.unlink()
    site.keyring._opened.clear()
    assert "Sealed: this server cannot open it" in client.get(url).text
    assert client.get(url + "/download").json["signatures"][0]["name"] is None
