"""One's own signature: the mailed link, and everything that can be done with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions import clock
from petitions.models import (
    Addressee,
    Appearance,
    Bundle,
    BundleSignature,
    Delivery,
    Mail,
    Signature,
    SignatureState,
)
from petitions.tokens import MY_SIGNATURE
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, stamp_in
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
    assert "Your name, initials, place and address are wiped here." in page
    assert "Nothing is held here any more" in page
    assert (mine.state, mine.person_sealed, mine.lookup) == (SignatureState.WITHDRAWN, None, None)
    assert client.get("/api/v1/petitions/" + OPEN).json["numbers"]["confirmed"] == 0


def test_button_that_withdraws_says_first_what_it_wipes(
    client: CheckingClient, mine: Any, link: Link
) -> None:
    words = words_of(client.get(link("my-signature", mine)).text)
    assert "are wiped here at once. It cannot be taken back, but you can sign anew." in words


def test_of_two_with_one_mailbox_the_page_says_whose_signature_it_was_about(
    client: CheckingClient, mine: Any, link: Link, site: Any, database: SQLAlchemy
) -> None:
    boris = {**{k: v for k, v in ANNA.items() if k != "email"}, "name": "Boris Borisov"}
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    typed = {**boris, "initials": "B. B.", "another": "yes", "stamp": stamp}
    assert client.post(link("also-sign", mine), data=typed).status_code == 303
    other = database.session.execute(select(Signature.id).order_by(Signature.id.desc())).scalars()
    ids = [mine.id, other.first()]
    url = f"/my-signature/{site.tokens.mint(MY_SIGNATURE, ids, clock.now())}"
    words = words_of(client.get(url).text)
    assert words.index("The first of two signatures") < words.index("Boris Borisov")
    assert words.index("The second of two signatures") < words.index("Boris Borisov")
    answer = client.post(url, data={"signature": ids[1], "action": "withdraw"})
    told = words_of(client.get(answer.location).text)
    assert "This was about the second of the two signatures from this mailbox." in told
    assert ANNA["name"] in told
    assert "Boris Borisov" not in told
    assert "of two signatures" not in told
    answer = client.post(url, data={"signature": ids[0], "action": "withdraw"})
    assert "This was about" not in client.get(answer.location).text


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
    assert held["asks"][0]
    names, news = held["purposes"]
    assert names["text"] == held["consent"]
    assert names["agreed_at"] == held["signed_at"]
    assert [office["gets_names"] for office in names["offices"]].count(True) == 1
    assert news["agreed"] is True
    assert news["text"].startswith("Send me news")
    assert (news["confirmed_at"], news["ended_at"]) == (held["confirmed_at"], None)
    assert [mail["kind"] for mail in held["mails"]] == ["signing", "reminder"]


def test_download_as_text_says_the_same_in_words(
    client: CheckingClient, mine: Any, link: Link
) -> None:
    answer = client.post(link("my-signature", mine) + "/download", data={"as": "text"})
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-signature.txt"'
    for told in (
        f"Name: {ANNA['name']}", f"Town or place: {ANNA['place']}", "Country: Iceland",
        f"E-mail address: {ANNA['email']}", "News by e-mail: yes", "Confirmed: yes",
        "Officials may see: My name, town and country", "I agree", "- signing, waiting",
    ):  # fmt: skip
        assert told in answer.text
    assert "Lists that you stand in:\nnone" in answer.text
    assert "&" not in answer.text


def test_download_tells_the_lists_and_what_became_of_them(
    client: CheckingClient, database: SQLAlchemy, mine: Any, link: Link, now: Any
) -> None:
    bundle = _in_a_bundle(database, mine, now)
    done = Delivery(
        bundle_id=bundle.id, state="done", channel="post", outcome="posted", attempted_at=now,
        recorded_at=now,
    )  # fmt: skip
    database.session.add(done)
    database.session.commit()
    url = link("my-signature", mine) + "/download"
    [held] = client.post(url).json["signatures"]
    [told] = held["bundles"]
    assert (told["id"], told["line"], told["appearance"]) == (bundle.public_id, 1, "full")
    assert [one["outcome"] for one in told["deliveries"]] == ["posted"]
    text = client.post(url, data={"as": "text"}).text
    assert "post, done" in text
    assert "line 1" in text


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


def _in_a_bundle(database: SQLAlchemy, mine: Any, now: Any) -> Bundle:
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
    database.session.flush()
    return bundle


def test_frozen_lists_are_told_with_what_they_show(
    client: CheckingClient, database: SQLAlchemy, mine: Any, link: Link, now: Any
) -> None:
    _in_a_bundle(database, mine, now)
    words = words_of(client.get(link("my-signature", mine)).text)
    in_list = r"List 1 of 14 March 2026 for Chairman .*: your name, town and country"
    assert re.search(in_list, words)
    assert "cannot be called back" in words
    # What showing less, withdrawing and erasing still do.
    assert "Changes below hold for later lists" in words
    assert "you can still erase that afterwards" in words
    assert "they still count you, and copies that were handed over keep what they show" in words
    url = link("my-signature", mine)
    client.post(url, data={"signature": mine.id, "action": "show-less", "appearance": "counted"})
    assert re.search(in_list, words_of(client.get(url).text))
    client.post(url, data={"signature": mine.id, "action": "withdraw"})
    assert mine.person_sealed is not None
    left = words_of(client.get(url).text)
    assert re.search(in_list, left)
    assert "kept here, sealed, so that they can be proved" in left
    erased = {"signature": mine.id, "action": "erase", "sure": "yes"}
    answer = client.post(url, data=erased)
    assert mine.person_sealed is None
    end = words_of(client.get(answer.headers["Location"]).text)
    assert "Lists that were handed over before cannot be called back" in end
    assert "Nothing is held here any more" in end


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
    assert "Sealed: this server cannot open it" in client.get(url).text
    assert client.get(url + "/download").json["signatures"][0]["name"] is None
