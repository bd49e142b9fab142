"""Links from mails: confirm, this was not me, unsubscribe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import select

from petitions.models import (
    Appearance,
    PetitionState,
    PetitionText,
    Signature,
    SignatureState,
    Suppression,
    TextVersion,
)
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, PAST, Loaded, stamp_in, typed_values
from tests.web.test_pages import move, words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    Signed = Callable[..., Any]
    Link = Callable[..., str]


def test_confirming_counts_the_signature_and_wipes_the_address(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    answer = client.post(link("confirm", row))
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/petitions/{OPEN}/thank-you",
    )
    assert (row.state, row.address_sealed) == ("confirmed", None)
    page = words_of(client.get(answer.headers["Location"]).text)
    assert "1 signature" in page
    assert f"http://localhost/petitions/{OPEN}" in page


def test_confirming_twice_gives_the_same_answer(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    url = link("confirm", signed())
    first, second = client.post(url), client.post(url)
    assert (first.status, first.headers["Location"]) == (second.status, second.headers["Location"])
    assert client.get("/api/v1/petitions/" + OPEN).json["numbers"]["confirmed"] == 1


def test_page_shows_what_is_signed_and_its_first_form_confirms(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    url = link("confirm", signed(appearance="initials"))
    html = client.get(url).text
    words = words_of(html)
    assert "Chairman of the Investigation Committee" in words
    assert "My initials and country" in words
    assert "My name, town and country" not in words, "more than was signed for cannot be chosen"
    form = lxml.html.document_fromstring(html).forms[0]
    assert (form.method, form.action) == ("POST", None)
    assert typed_values(html) == {"appearance": "initials"}


def test_after_a_stop_the_page_says_that_confirming_is_over(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    url = link("confirm", signed())
    move(database, OPEN, state=PetitionState.STOPPED, stop_reason="He is free.")
    page = client.get(url)
    assert page.status_code == 200
    assert "takes no signatures any more" in words_of(page.text)
    assert "You are about to sign" not in words_of(page.text)
    assert client.post(url).status_code == 409


def test_page_shows_whose_name_it_is_until_confirmed_and_then_names_nobody(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    url = link("confirm", signed())
    before = words_of(client.get(url).text)
    assert "Anna" in before
    assert "This was not me" in before
    assert "Confirm your signature" in before
    client.post(url)
    after = words_of(client.get(url).text)
    assert "Your signature is confirmed" in after
    assert "Confirm your signature" not in after
    assert "Anna" not in after
    assert "You have confirmed this" in after


def test_thank_you_page_claims_nothing_of_whoever_opens_it(
    client: CheckingClient, loaded: Loaded
) -> None:
    words = words_of(client.get(f"/petitions/{OPEN}/thank-you").text)
    assert "If you have just pressed the button behind the link in our mail" in words
    for claim in ("You have signed", "Your e-mail address has been deleted", "what you chose"):
        assert claim not in words


def test_page_for_whoever_it_was_not_says_what_there_is_to_take_back(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    url = link("not-me", row)
    assert "it is deleted after seven days" in words_of(client.get(url).text)
    client.post(link("confirm", row))
    confirmed = words_of(client.get(url).text)
    assert "confirmed it by a link in a mail to this mailbox" in confirmed
    assert "deleted after seven days" not in confirmed
    assert "Anna" not in confirmed
    assert "it is not counted any more" in words_of(client.post(url).text)
    gone = words_of(client.get(url).text)
    assert "has been withdrawn already" in gone
    assert "It is taken back" in client.post(url).text


def test_page_for_whoever_it_was_not_names_the_other_signature_of_the_mailbox(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    client.post(link("confirm", row))
    boris = {**ANNA, "name": "Boris Borisov", "initials": "B. B.", "another": "yes"}
    boris["stamp"] = stamp_in(client.get(f"/petitions/{OPEN}").text)
    assert client.post(link("also-sign", row), data=boris).status_code == 303
    assert "Two people have signed with this mailbox." in client.get(link("not-me", row)).text
    assert "that signature stays." in client.post(link("not-me", row)).text
    assert client.get(f"/api/v1/petitions/{OPEN}").json["numbers"]["confirmed"] == 1


def test_signature_set_aside_is_confirmed_like_any_other_for_its_signer(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    caught, other = signed(), signed(email="boris@example.org")
    caught.state, caught.set_aside_reason = SignatureState.SET_ASIDE, "a rule"
    caught.address_sealed = None
    urls = [link("confirm", signature) for signature in (caught, other)]
    answers = [(client.post(url).status_code, words_of(client.get(url).text)) for url in urls]
    assert answers[0] == answers[1]
    database.session.refresh(caught)
    assert caught.state is SignatureState.SET_ASIDE


def test_signer_may_do_without_the_news_that_somebody_asked_for(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    signature = signed(news="yes")
    client.post(link("confirm", signature), data={"no_news": "yes"})
    database.session.refresh(signature)
    assert (signature.news, signature.address_sealed) == (False, None)


def test_confirming_after_not_me_lets_mail_go_again(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    one, other = signed(), signed(email="boris@example.org")
    client.post(link("not-me", one))
    assert database.session.execute(select(Suppression)).all() != []
    client.post(link("confirm", other))
    assert database.session.execute(select(Suppression)).all() == []


def test_page_shows_the_version_that_was_signed(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Signed,
    link: Link,
    now: Any,
) -> None:
    row = signed()
    old = database.session.execute(
        select(PetitionText).where(
            PetitionText.text_version_id == row.text_version_id, PetitionText.language == "en"
        )
    ).scalar_one()
    version = TextVersion(petition_id=row.petition_id, number=2, created_at=now, published_at=now)
    database.session.add(version)
    database.session.flush()
    facts = {
        column: getattr(old, column)
        for column in ("letter_subject", "letter_opening", "letter_closing")
    }
    database.session.add(
        PetitionText(
            text_version_id=version.id, language="en", title="Second", text="New words.", **facts
        )
    )
    assert "New words." in client.get(f"/petitions/{OPEN}").text
    assert "New words." not in client.get(link("confirm", row)).text


@pytest.mark.parametrize("first", ["full", "initials"])
def test_signer_can_show_less_when_confirming_and_later(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link, first: str
) -> None:
    row = signed(appearance="full")
    url = link("confirm", row)
    assert client.post(url, data={"appearance": first}).status_code == 303
    assert client.post(url, data={"appearance": "counted"}).status_code == 303
    assert row.appearance is Appearance.COUNTED


def test_signer_cannot_show_more_when_confirming(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed(appearance="counted")
    answer = client.post(link("confirm", row), data={"appearance": "full"})
    assert answer.status_code == 422
    assert "never more" in answer.text
    assert (row.state, row.appearance) == ("pending", "counted")


def test_expired_link_leads_back_to_the_petition(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link, frozen_time: Any
) -> None:
    url = link("confirm", signed())
    frozen_time.shift(timedelta(days=6, hours=23))
    assert client.get(url).status_code == 200
    frozen_time.shift(timedelta(hours=2))
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 410
        assert f'href="/petitions/{OPEN}"' in answer.text


def test_withdrawn_signature_is_not_confirmed(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    client.post(link("not-me", row))
    assert client.post(link("confirm", row)).status_code == 410


def test_stopped_petition_takes_no_confirmation_and_a_closed_one_does(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    late, later = signed(email="a@example.org"), signed(email="b@example.org")
    move(database, OPEN, state=PetitionState.CLOSED)
    assert client.post(link("confirm", late)).status_code == 303
    move(database, OPEN, state=PetitionState.STOPPED, stop_reason="He is free.")
    assert client.post(link("confirm", later)).status_code == 409


def test_token_pages_link_nowhere_else_and_are_not_kept(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    for purpose in ("confirm", "not-me", "also-sign", "my-signature", "news", "unsubscribe"):
        answer = client.get(link(purpose, row))
        assert answer.headers["Cache-Control"] == "no-store"
        links = lxml.html.document_fromstring(answer.text).xpath("//@href | //@src | //@action")
        assert not [url for url in links if not url.startswith(("/", "#"))]


def test_not_me_withdraws_wipes_and_silences(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    url = link("not-me", row)
    assert "Kham" not in client.get(url).text, "who is not the signer is told of no case"
    for _ in range(2):
        answer = client.post(url)
        assert answer.status_code == 200
        assert "will not write to this address again" in answer.text
    assert (row.state, row.person_sealed, row.address_sealed) == ("withdrawn", None, None)
    assert database.session.execute(select(Suppression.key)).scalar_one() == b"k" * 32


def test_unsubscribing_is_one_click_from_any_mail_program(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed(news="yes")
    client.post(link("confirm", row))
    assert row.address_sealed is not None
    url = link("unsubscribe", row)
    for _ in range(2):
        answer = client.post(
            url,
            data={"List-Unsubscribe": "One-Click"},
            headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 200
    assert (row.news, row.address_sealed, row.state) == (False, None, "confirmed")


def test_link_to_an_erased_signature_is_expired(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    row = signed()
    url = link("confirm", row)
    database.session.delete(database.session.get(Signature, row.id))
    assert client.get(url).status_code == 410


def test_not_me_about_a_form_sent_again_leaves_the_confirmed_signature(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Signed,
    link: Link,
    site: Any,
) -> None:
    from petitions import clock, tokens

    row = signed()
    client.post(link("confirm", row))
    token = site.tokens.mint(tokens.NOT_ME, [0, tokens.text_of(b"k" * 32)], clock.now())
    assert client.post(f"/not-me/{token}").status_code == 200
    assert row.state == "confirmed"
    assert database.session.execute(select(Suppression.key)).scalar_one() == b"k" * 32


def test_expired_link_tells_nothing_of_the_petition_it_was_about(
    client: CheckingClient, loaded: Loaded, signed: Signed, link: Link, frozen_time: Any
) -> None:
    url, other = link("confirm", signed()), link("confirm", signed(PAST))
    frozen_time.shift(timedelta(days=8))
    assert client.get(url).data == client.get(other).data
