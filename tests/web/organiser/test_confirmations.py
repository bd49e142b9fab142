"""Watching confirmations in the console, and what reviewers do about signatures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import lxml.html
import pytest
import time_machine
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions import clock
from petitions.domain import privacy, signing
from petitions.domain.breakdown import Source, breakdown_of
from petitions.domain.presenting import proof_of
from petitions.domain.second_signing import sign_second
from petitions.models import (
    AuditEntry,
    Mail,
    MailState,
    PaperSignatures,
    Role,
    Signature,
    SignatureState,
    Verification,
)
from tests.domain.cast import Cast, form, publish

HOME = "/organiser/confirmations/"
ADA = "ada@example.org"


@pytest.fixture
def frozen(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(database: SQLAlchemy, site: Any, frozen: object) -> Cast:
    made = publish(site, clock.now())
    database.session.commit()
    return made


@pytest.fixture
def signed(database: SQLAlchemy, site: Any, cast: Cast) -> Callable[..., int]:
    """Sign, and confirm where asked to; return the signature's id."""

    def do(email: str = ADA, *, confirm: bool = False, **typed: Any) -> int:
        signing.sign(site, cast.petition, form(email, **typed), clock.now())
        newest = select(Signature.id).order_by(Signature.id.desc()).limit(1)
        signature_id: int = database.session.execute(newest).scalar_one()
        if confirm:
            signing.confirm(cast.petition, signature_id, clock.now())
        database.session.commit()
        return signature_id

    return do


@pytest.fixture
def reviewer(signed_in: Callable[..., Any], frozen: object) -> Any:
    return signed_in(Role.REVIEWER, name="Rosa Reviewer")


def all_sent(database: SQLAlchemy, state: MailState = MailState.SENT) -> None:
    waiting = select(Mail).where(Mail.state == MailState.WAITING, Mail.kind == "signing")
    for mail in database.session.execute(waiting).scalars():
        mail.state, mail.final_at, mail.address_sealed = state, clock.now(), None
    database.session.commit()


def row(database: SQLAlchemy, signature_id: int) -> Signature:
    database.session.expire_all()
    return database.session.get_one(Signature, signature_id)


def words(response: Any) -> str:
    page = lxml.html.document_fromstring(response.text)
    return " ".join(page.find(".//main").text_content().split())


def trail(database: SQLAlchemy) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.action != "signed in")
    query = query.order_by(AuditEntry.id)
    return list(database.session.execute(query).scalars())


def test_what_was_agreed_to_is_shown_for_each_purpose_in_the_words_of_then(
    reviewer: Any, signed: Any, cast: Cast, database: SQLAlchemy
) -> None:
    signature_id = signed(confirm=True)
    page = reviewer.get(f"{HOME}signature/{signature_id}")
    signature = row(database, signature_id)
    shown = proof_of(signature)
    assert shown.words is not None
    assert shown.text is not None
    tree = lxml.html.document_fromstring(page.text)
    table = tree.xpath("//table[caption='What was agreed to']")[0]
    purposes = [" ".join(one.text_content().split()) for one in table.xpath(".//tbody/tr")]
    assert [one.split(" 1")[0].split(" no")[0] for one in purposes] == [
        "The signature, handed over",
        "News by e-mail",
    ]
    assert shown.offices[0].office in purposes[0]
    assert purposes[0].count("09:26") == 2, "when it was agreed to, and when confirmed"
    told = " ".join(tree.xpath("//details")[-1].text_content().split())
    for text in (shown.words.risk, shown.words.consent, shown.text.title, *shown.asks):
        assert " ".join(text.split()) in told


# Numbers.


def test_without_petitions_the_page_says_what_will_be_here(reviewer: Any) -> None:
    assert "No petition yet" in words(reviewer.get(HOME))


@pytest.mark.parametrize("by", ["day", "hour", "nonsense"])
def test_numbers_are_told_in_words_as_a_picture_and_as_a_table(
    reviewer: Any, signed: Any, cast: Cast, by: str
) -> None:
    signed(confirm=True)
    signed("other@example.org")
    for url in (HOME, f"{HOME}{cast.petition.id}"):
        page = lxml.html.document_fromstring(reviewer.get(f"{url}?by={by}").text)
        caption = page.find(".//figcaption").text_content()
        assert "2 signatures were created and 1 confirmed" in caption
        drawn = {one.find("p").text.strip(): one for one in page.xpath("//figure//li")}
        assert list(drawn) == ["Created", "Confirmed", "Mail waiting"]
        for name, number in (("Created", "2"), ("Confirmed", "1"), ("Mail waiting", "2")):
            svg = drawn[name].find("svg")
            assert svg.get("aria-label").startswith(f"{name}: {number} in all; the most, {number},")
            assert len(svg.xpath(".//rect")) == 1
        idle = [" ".join(one.text_content().split()) for one in page.xpath("//figure/p")]
        assert idle == [
            "None in this time: Attested, Expired, Set aside, Withdrawn",
            "None in this time: Mail failed, Mail withheld",
        ]
        heads = [head.text for head in page.xpath("//figure//thead//th")]
        assert heads[1:4] + heads[7:] == [
            *("Created", "Confirmed", "Attested"),
            *("Mail waiting", "Mail failed", "Mail withheld"),
        ]
        rows = page.xpath("//figure//tbody/tr")
        assert len(rows) == 7, "the petition is of this hour"
        numbers = [cell.text for cell in rows[0].findall("td")]
        assert numbers == ["2", "1", "0", "0", "0", "0", "2", "0", "0"]


def test_who_may_not_see_signers_sees_numbers_and_no_way_to_names(
    signed_in: Any, signed: Any, cast: Cast
) -> None:
    signed()
    campaigner = signed_in(Role.CAMPAIGNER)
    page = campaigner.get(f"{HOME}{cast.petition.id}")
    assert "pending" in words(page)
    assert "/signatures" not in page.text
    assert campaigner.get(f"{HOME}{cast.petition.id}/mails").status_code == 200
    for url in ("1/signatures", "signature/1", "1/resend?id=1", "1/paper", "1/set-aside?id=1"):
        assert campaigner.get(HOME + url).status_code == 403
    assert campaigner.post_form(f"{HOME}1/address", {"email": ADA}).status_code == 403


def test_what_is_not_there_is_not_found(reviewer: Any) -> None:
    for url in (
        "9",
        "9/origins",
        "9/signatures",
        "9/mails",
        "9/paper",
        "9/resend?days=1",
        "signature/9",
    ):
        assert reviewer.get(HOME + url).status_code == 404


# Lists.


def test_signatures_are_listed_by_state_with_names_and_never_an_address(
    reviewer: Any, signed: Any, cast: Cast
) -> None:
    signed("pending@example.org")
    signed(confirm=True)
    for state in ("pending", "confirmed"):
        page = reviewer.get(f"{HOME}{cast.petition.id}/signatures?state={state}")
        assert "Ada Lovelace, London" in words(page)
        assert "@example" not in page.text
    empty = reviewer.get(f"{HOME}{cast.petition.id}/signatures?state=set-aside")
    assert "No signature here" in words(empty)


def test_older_and_newer_pages_lead_through_all(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast
) -> None:
    ids = [signed(f"s{number}@example.org") for number in range(53)][::-1]
    seen: list[int] = []
    url = f"{HOME}{cast.petition.id}/signatures?state=pending"
    for _ in range(2):
        page = lxml.html.document_fromstring(reviewer.get(url).text)
        seen += [int(box.get("value")) for box in page.xpath("//input[@name='id']")]
        older = page.xpath("//a[@rel='next']/@href")
        url = older[0] if older else ""
    assert (seen, url) == (ids, "")


def test_a_signature_shows_its_mails_and_what_was_done(
    database: SQLAlchemy, reviewer: Any, signed: Any
) -> None:
    signature_id = signed()
    all_sent(database, MailState.FAILED)
    reviewer.post_form(f"{HOME}signature/{signature_id}/attest", {"reason": "She rang our office"})
    page = reviewer.get(f"{HOME}signature/{signature_id}")
    told = words(page)
    assert "Ada Lovelace" in told
    assert "failed" in told
    assert re.search(r"Rosa Reviewer Attested She rang our office", told)
    assert ADA not in page.text


# An exact address.


def test_an_address_is_found_and_stands_in_no_address_or_trail(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast
) -> None:
    signature_id = signed()
    url = f"{HOME}{cast.petition.id}/address"
    found = reviewer.post_form(url, {"email": "ADA+x@example.org"})
    assert found.status_code == 200
    assert f"/signature/{signature_id}" in found.text
    assert "No signature" in words(reviewer.post_form(url, {"email": "b@example.org"}))
    assert reviewer.get(url).status_code == 405
    wrong = reviewer.post_form(url, {"email": "ada"})
    assert (wrong.status_code, "does not read like" in wrong.text) == (422, True)
    searches = select(AuditEntry.detail).where(AuditEntry.action == "address searched")
    assert list(database.session.execute(searches.order_by(AuditEntry.id)).scalars()) == [
        '{"found": true}',
        '{"found": false}',
    ]
    assert found.headers["Cache-Control"] == "no-store"


# A person who writes in.


def test_a_person_is_found_on_all_petitions_and_given_all_that_is_held(
    database: SQLAlchemy, reviewer: Any, signed: Any, site: Any
) -> None:
    first = signed("a.b@gmail.com", confirm=True)
    other = publish(site, clock.now(), slug="boris-c")
    signing.sign(site, other.petition, form("a.b@gmail.com"), clock.now())
    database.session.commit()
    assert "make sure that it is they who ask" in words(reviewer.get(f"{HOME}person"))
    page = reviewer.post_form(f"{HOME}person", {"email": "AB+x@googlemail.com"})
    told = words(page)
    assert f"Signature {first}" in told
    assert f"Signature {first + 1}" in told
    ids = f"{first} {first + 1}"
    [hidden, _] = lxml.html.document_fromstring(page.text).xpath("//input[@name='ids']/@value")
    assert hidden == ids
    text = reviewer.post_form(f"{HOME}held", {"ids": ids, "as": "text"})
    assert text.text.count("Name: Ada Lovelace") == 2
    assert text.headers["Cache-Control"] == "no-store"
    json = reviewer.post_form(f"{HOME}held", {"ids": ids, "as": "json"}).json
    assert [one["name"] for one in json["signatures"]] == ["Ada Lovelace"] * 2
    told = select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
    done = [tuple(row) for row in database.session.execute(told)][-5:]
    assert done == [
        ("address searched", "all petitions"),
        *[("signature given out", f"signature {first + n}") for n in (0, 1, 0, 1)],
    ]
    wrong = reviewer.post_form(f"{HOME}person", {"email": "ab"})
    assert (wrong.status_code, 'value="ab"' in wrong.text) == (422, True)


def test_what_is_held_is_given_out_for_one_mailbox_at_a_time(
    database: SQLAlchemy, reviewer: Any, signed: Any
) -> None:
    ids = [signed(f"{name}@example.org", confirm=True) for name in ("a", "b", "c")]
    answer = reviewer.post_form(f"{HOME}held", {"ids": " ".join(map(str, ids)), "as": "json"})
    assert answer.status_code == 303
    assert "of several people" in reviewer.get(answer.location).text
    assert "signature given out" not in trail(database)


def test_whoever_is_not_found_is_looked_for_in_other_ways(reviewer: Any, signed: Any) -> None:
    signed()
    told = words(reviewer.post_form(f"{HOME}person", {"email": "x@example.org"}))
    assert "Ask whether they signed with another address." in told
    nothing = reviewer.post_form(f"{HOME}held", {"ids": "99", "as": "text"})
    assert "Nothing is held any more" in reviewer.get(nothing.location).text


def test_of_a_sealed_case_the_page_tells_the_command(
    reviewer: Any, signed: Any, site: Any, cast: Cast
) -> None:
    from tests.domain.sealing_cast import sealed

    signature_id = signed(confirm=True)
    sealed(site, cast.case.id, clock.now())
    page = words(reviewer.get(f"{HOME}signature/{signature_id}"))
    assert "petitions vault held CASE --as text" in page
    assert "Initials sealed: this server does not hold the key" in page
    answer = reviewer.post_form(f"{HOME}held", {"ids": signature_id, "as": "text"})
    assert "this server cannot open them" in answer.text


def test_a_suppressed_address_is_said_to_be(
    database: SQLAlchemy, reviewer: Any, site: Any, signed: Any, cast: Cast
) -> None:
    from petitions.domain.outbox import suppression_key

    privacy.not_me(signed(), suppression_key(site, ADA), clock.now())
    answer = words(reviewer.post_form(f"{HOME}{cast.petition.id}/address", {"email": ADA}))
    assert "No signature with this address" in answer
    assert "we do not write to it" in answer


def test_one_reminder_is_said_in_the_singular(reviewer: Any, signed: Any, cast: Cast) -> None:
    for address, said in (("a@example.org", "1 reminder planned"), (ADA, "2 reminders planned")):
        signed(address)
        assert said in words(reviewer.get(f"{HOME}{cast.petition.id}"))


# Sending again.


def test_the_preview_says_what_then_happens_once(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast, frozen: Any
) -> None:
    pending, confirmed = signed(), signed("c@example.org", confirm=True)
    all_sent(database)
    frozen.shift(timedelta(hours=1))
    url = f"{HOME}{cast.petition.id}/resend"
    preview = reviewer.get(f"{url}?id={pending}&id={confirmed}")
    assert "One mail will go." in words(preview)
    assert "1 gets none: they are confirmed already" in words(preview)
    assert "may say how somebody else with this mailbox signs too" in words(preview)
    assert mails(database) == 2
    sent = _form_of(preview, "resend")
    for _ in range(2):
        answer = reviewer.post_form(url, sent)
        assert answer.status_code == 303
        frozen.shift(timedelta(seconds=5))
        all_sent(database)
    assert mails(database) == 3
    assert trail(database) == ["confirmations sent again"]
    assert "1 mail is on its way." in words(reviewer.get(answer.location))


def test_the_gap_is_said_before_sending(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast
) -> None:
    signature_id = signed()
    all_sent(database)
    page = reviewer.get(f"{HOME}{cast.petition.id}/resend?id={signature_id}")
    assert "when the pause between two mails is over (the last one after 14 March 2026, 09:36" in (
        words(page)
    )
    answer = reviewer.post_form(f"{HOME}{cast.petition.id}/resend", {"id": str(signature_id)})
    told = words(reviewer.get(answer.location))
    assert "1 mail is queued. One went to that address a short while ago:" in told
    assert "this one goes at 14 March 2026, 09:36 at the earliest." in told
    assert "Mail queued again" in words(reviewer.get(f"{HOME}signature/{signature_id}"))


def test_all_who_wait_for_days_are_asked_again(
    database: SQLAlchemy, signed_in: Any, signed: Any, cast: Cast, frozen: Any
) -> None:
    for number in range(3):
        signed(f"s{number}@example.org")
    all_sent(database)
    frozen.shift(timedelta(days=2))
    signed("young@example.org")
    reviewer = signed_in(Role.REVIEWER)
    url = f"{HOME}{cast.petition.id}/resend"
    assert "3 mails will go." in words(reviewer.get(f"{url}?days=2"))
    reviewer.post_form(url, {"days": "2"})
    assert mails(database) == 7
    assert "No mail can go now" in words(reviewer.get(f"{url}?days=2"))


@pytest.mark.parametrize("page", ["resend", "set-aside", "put-back"])
def test_an_empty_selection_does_nothing_and_says_so(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast, page: str
) -> None:
    signed()
    url = f"{HOME}{cast.petition.id}/{page}"
    for ask in (reviewer.get, reviewer.post_form):
        answer = ask(url)
        assert answer.status_code == 303
        assert "Nothing was selected" in words(reviewer.get(answer.location))
    assert trail(database) == []


# Attesting, withdrawing, erasing.


def test_attesting_needs_a_reason_and_says_that_there_is_no_way_back(
    database: SQLAlchemy, reviewer: Any, signed: Any
) -> None:
    url = f"{HOME}signature/{signed()}/attest"
    assert "It cannot become pending again." in words(reviewer.get(url))
    refused = reviewer.post_form(url, {"reason": "  "})
    assert (refused.status_code, "Write a reason" in refused.text) == (422, True)
    for _ in range(2):
        assert reviewer.post_form(url, {"reason": "by phone"}).status_code == 303
    signature = database.session.execute(select(Signature)).scalar_one()
    assert signature.verified_by is Verification.ATTESTED
    assert signature.attested_by == reviewer.organiser_id
    assert trail(database) == ["signature attested"]
    assert "there is nothing to attest" in words(reviewer.get(url))


def test_whoever_was_slower_than_the_signer_is_told(
    database: SQLAlchemy, reviewer: Any, signed: Any
) -> None:
    signature_id = signed(confirm=True)
    answer = reviewer.post_form(f"{HOME}signature/{signature_id}/attest", {"reason": "by phone"})
    assert "somebody was faster" in words(reviewer.get(answer.location))
    assert row(database, signature_id).verified_by is Verification.EMAIL


@pytest.mark.parametrize("action", ["withdraw", "erase"])
def test_withdrawing_and_erasing_ask_once_more_and_happen_once(
    database: SQLAlchemy, reviewer: Any, signed: Any, action: str
) -> None:
    signature_id = signed(confirm=True)
    url = f"{HOME}signature/{signature_id}/{action}"
    assert "This cannot be undone." in words(reviewer.get(url))
    assert row(database, signature_id).state is SignatureState.CONFIRMED
    refused = reviewer.post_form(url)
    if action == "erase":
        assert (refused.status_code, "Choose why." in refused.text) == (422, True)
    for _ in range(2):
        assert reviewer.post_form(url, {"ground": "in writing"}).status_code == 303
    assert row(database, signature_id).state is SignatureState.WITHDRAWN
    assert row(database, signature_id).person_sealed is None
    assert len(trail(database)) == 1
    assert reviewer.get(url).status_code == 200


# Setting aside and putting back.


def test_setting_aside_is_previewed_done_and_undone(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast
) -> None:
    ids = [signed(confirm=True), signed("p@example.org")]
    url = f"{HOME}{cast.petition.id}/set-aside"
    preview = words(reviewer.get(f"{url}?id={ids[0]}&id={ids[1]}&state=confirmed"))
    assert "2 signatures will be set aside." in preview
    typed = {"ids": f"{ids[0]} {ids[1]}", "state": "confirmed", "ground": "automatic"}
    refused = reviewer.post_form(url, {**typed, "ground": ""})
    assert (refused.status_code, "Choose why." in refused.text) == (422, True)
    refused = reviewer.post_form(url, {**typed, "ground": "other"})
    assert (refused.status_code, "Write a reason" in refused.text) == (422, True)
    answer = reviewer.post_form(url, typed)
    assert {row(database, one).state for one in ids} == {SignatureState.SET_ASIDE}
    back = reviewer.get(answer.location)
    assert "2 signatures were set aside." in words(back)
    undone = reviewer.post_form(f"{HOME}{cast.petition.id}/put-back", _form_of(back, "put-back"))
    assert "2 signatures were put back." in words(reviewer.get(undone.location))
    assert row(database, ids[0]).state is SignatureState.CONFIRMED
    assert row(database, ids[1]).state is SignatureState.PENDING


def test_one_that_expired_meanwhile_cannot_be_put_back(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast, frozen: Any
) -> None:
    signature_id = signed()
    facts = {"ids": str(signature_id), "ground": "automatic"}
    reviewer.post_form(f"{HOME}{cast.petition.id}/set-aside", facts)
    row(database, signature_id).created_at -= timedelta(days=8)
    database.session.commit()
    url = f"{HOME}{cast.petition.id}/put-back"
    assert "One cannot come back" in words(reviewer.get(f"{url}?id={signature_id}"))
    answer = reviewer.post_form(url, {"ids": str(signature_id), "reason": "a mistake"})
    assert "Too late for 1" in words(reviewer.get(answer.location))
    assert row(database, signature_id).state is SignatureState.SET_ASIDE


# Mails, paper.


def test_mails_in_trouble_are_shown_with_their_reasons(
    database: SQLAlchemy, signed_in: Any, signed: Any, cast: Cast, frozen: Any
) -> None:
    reviewer = signed_in(Role.REVIEWER)
    signature_id = signed()
    all_sent(database, MailState.FAILED)
    for _ in range(2):
        signed()  # the same address again: the third mail of the day is withheld
    page = reviewer.get(f"{HOME}{cast.petition.id}/mails")
    told = words(page)
    assert "1 failed" in told
    assert "withheld: the address has had as many mails as we send to one address a day" in told
    assert f"/signature/{signature_id}" in page.text
    frozen.shift(timedelta(days=1))
    all_sent(database, MailState.FAILED)
    reviewer = signed_in(Role.REVIEWER)  # the day before is over, and so is the sign-in
    assert "One mail will go." in words(reviewer.get(f"{HOME}{cast.petition.id}/resend?failed=1"))


def test_paper_numbers_are_entered_once_and_taken_out_with_a_reason(
    database: SQLAlchemy, reviewer: Any, cast: Cast
) -> None:
    url = f"{HOME}{cast.petition.id}/paper"
    page = reviewer.get(url)
    assert "No number entered" in words(page)
    typed = {**_form_of(page, "paper"), "source": "paper", "number": "40", "country": "IS"}
    refused = reviewer.post_form(url, typed)
    assert (refused.status_code, "Write where these" in refused.text) == (422, True)
    typed["provenance"] = "Market day"
    for _ in range(2):
        assert reviewer.post_form(url, typed).status_code == 303
    entry = database.session.execute(select(PaperSignatures)).scalar_one()
    assert (entry.number, entry.entered_by) == (40, reviewer.organiser_id)
    other = reviewer.post_form(url, {**typed, "number": "41"})
    assert other.status_code == 409
    assert 'value="41"' in other.text
    removal = f"{url}/{entry.id}/remove"
    assert "Market day" in words(reviewer.get(removal))
    assert reviewer.post_form(removal, {"reason": ""}).status_code == 422
    for _ in range(2):
        assert reviewer.post_form(removal, {"reason": "twice"}).status_code == 303
    assert database.session.execute(select(PaperSignatures)).first() is None


@pytest.mark.parametrize(("number", "day"), [("many", ""), ("0", ""), ("4", "2026-13-40")])
def test_what_cannot_be_read_is_kept_in_the_form(
    reviewer: Any, cast: Cast, number: str, day: str
) -> None:
    typed = {"source": "paper", "number": number, "provenance": "Fair", "collected_on": day}
    answer = reviewer.post_form(f"{HOME}{cast.petition.id}/paper", typed)
    assert answer.status_code == 422
    assert f'value="{number}"' in answer.text
    assert f'value="{day}"' in answer.text


def mails(database: SQLAlchemy) -> int:
    asking = select(func.count()).where(Mail.kind == "signing")
    return database.session.execute(asking).scalar_one()


def _form_of(response: Any, end: str) -> dict[str, Any]:
    """What the form that posts to an address with this end would send."""
    page = lxml.html.document_fromstring(response.text)
    (found,) = [
        one
        for one in page.forms
        if one.method == "POST" and (one.action or "").rstrip("/").endswith(end)
    ]
    values: dict[str, Any] = {}
    for name, value in found.form_values():
        values.setdefault(name, []).append(value)
    values.pop("csrf_token", None)
    return values


# Where signatures come from.


def test_origins_tell_each_signature_once_in_each_table_and_lead_to_setting_aside(
    database: SQLAlchemy, site: Any, reviewer: Any, signed: Any, cast: Cast
) -> None:
    first = signed(confirm=True, country="FR", language="fr")
    signed("b@example.org", country="FR", language="en")
    gone = signed("c@example.org", confirm=True, country="UZ", language="ru")
    privacy.withdraw(gone, clock.now())
    other = form(ADA, name="Bob Babbage", initials="B. B.", country="DE")
    sign_second(site, cast.petition, first, other, clock.now())
    database.session.commit()
    found = breakdown_of(cast.petition.id)
    for table in (found.by_country, found.by_language, found.by_source):
        assert sum(row.total for row in table) == 4
    told = {row.key: (row.confirmed, row.pending, row.withdrawn) for row in found.by_country}
    assert told == {"FR": (1, 1, 0), "UZ": (0, 0, 1), "DE": (1, 0, 0)}
    sources = {row.key: row.total for row in found.by_source}
    assert sources == {Source.FORM: 3, Source.SECOND: 1}
    page = reviewer.get(f"{HOME}{cast.petition.id}/origins")
    assert "France" in page.text
    assert "the second person of a mailbox" in page.text
    link = lxml.html.document_fromstring(page.text).xpath("//a[contains(@href, 'country=FR')]")
    assert "Set aside" in reviewer.get(link[0].get("href")).text


def test_all_unconfirmed_are_asked_again_after_a_preview(
    database: SQLAlchemy, signed_in: Any, signed: Any, cast: Cast, frozen: Any
) -> None:
    for number in range(3):
        signed(f"s{number}@example.org")
    all_sent(database)
    frozen.shift(timedelta(hours=1))
    reviewer = signed_in(Role.REVIEWER)
    assert "all who have not confirmed" in reviewer.get(f"{HOME}{cast.petition.id}").text
    url = f"{HOME}{cast.petition.id}/resend"
    assert "3 mails will go." in words(reviewer.get(f"{url}?days=0"))
    reviewer.post_form(url, {"days": "0"})
    assert mails(database) == 6


def test_queue_says_since_when_its_oldest_mail_waits_and_codes_say_what_they_mean(
    database: SQLAlchemy, reviewer: Any, signed: Any, cast: Cast
) -> None:
    signed()
    [mail] = database.session.execute(select(Mail).where(Mail.kind == "signing")).scalars()
    mail.created_at = clock.now() - timedelta(hours=5)
    signed("b@example.org")
    database.session.commit()
    told = words(reviewer.get(f"{HOME}{cast.petition.id}/mails"))
    assert "14 March 2026, 04:26" in told
    all_sent(database)
    mail.outcome = "came back 5.1.1"
    database.session.commit()
    told = words(reviewer.get(f"{HOME}{cast.petition.id}/mails"))
    assert "cannot be delivered (5.1.1: there is no such mailbox)" in told
