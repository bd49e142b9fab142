"""Attesting, withdrawing for somebody, setting aside, putting back; and what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, bundles, paper, privacy, reviewing, signing
from petitions.domain.address_search import search_address
from petitions.domain.counting import numbers_of
from petitions.domain.petitions import petition_named
from petitions.domain.retention import expire_unconfirmed
from petitions.domain.signatures_shown import PAGE, Shelf, dossier, page_of
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, NotFound, PetitionClosed, Refused, TokenExpired
from petitions.extensions import begin_write
from petitions.models import (
    AuditEntry,
    Mail,
    MailState,
    Organiser,
    PetitionState,
    SetAsideAddress,
    Signature,
    SignatureState,
    Verification,
)
from tests.domain.cast import Cast, form

ACTOR = "organiser 1"
WEEK = timedelta(days=7, seconds=1)
SIGNER = "signer@example.org"


@pytest.fixture
def reviewer(database: SQLAlchemy, now: datetime) -> int:
    someone = Organiser(email="r@example.org", fs_uniquifier="x" * 32, created_at=now)
    database.session.add(someone)
    database.session.flush()
    return someone.id


@pytest.fixture
def signed(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Callable[..., Signature]:
    """Sign, and confirm where asked to."""

    def do(email: str = SIGNER, *, confirm: bool = False, **typed: Any) -> Signature:
        signing.sign(site, cast.petition, form(email, **typed), now)
        newest = select(Signature).order_by(Signature.id.desc()).limit(1)
        signature = database.session.execute(newest).scalar_one()
        if confirm:
            signing.confirm(cast.petition, signature.id, now)
        return signature

    return do


def history(database: SQLAlchemy, signature: Signature) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.subject == f"signature {signature.id}")
    return list(database.session.execute(query.order_by(AuditEntry.id)).scalars())


# Attesting.


def test_an_attested_signature_is_counted_apart_and_handed_to_nobody(
    *, database: SQLAlchemy, site: Site, cast: Cast, signed: Any, reviewer: int, now: datetime
) -> None:
    signature, other = signed(news=True), signed("other@example.org", confirm=True)
    asked = {"organiser_id": reviewer, "reason": "Ada rang us", "actor": ACTOR, "now": now}
    assert reviewing.attest(site, signature.id, **asked)
    assert not reviewing.attest(site, signature.id, **asked)
    assert signature.state is SignatureState.CONFIRMED
    assert (signature.verified_by, signature.attested_by) == (Verification.ATTESTED, reviewer)
    assert (signature.address_sealed, signature.news) == (None, False)
    numbers = numbers_of(cast.petition.id)
    assert (numbers.confirmed, numbers.attested) == (1, 1)
    recipient = bundles.recipients_of(cast.petition)[0]
    (bundle,) = bundles.freeze(cast.petition, recipient, now)
    assert (bundle.eligible, bundle.attested) == (1, 1)
    assert privacy.exists_in_bundle(other.id)
    assert not privacy.exists_in_bundle(signature.id)
    (entry,) = history(database, signature)
    assert "Ada" not in entry.detail
    assert audit.reason_of(entry, site.keyring) == "Ada rang us"


def test_attesting_cancels_the_mail_that_asks_for_confirmation(
    database: SQLAlchemy, site: Site, signed: Any, reviewer: int, now: datetime
) -> None:
    signature = signed()
    reviewing.attest(
        site, signature.id, organiser_id=reviewer, reason="by phone", actor=ACTOR, now=now
    )
    mail = database.session.execute(select(Mail).where(Mail.kind == "signing")).scalar_one()
    database.session.refresh(mail)
    assert (mail.state, mail.address_sealed) == (MailState.CANCELLED, None)


def test_an_attested_one_that_its_signer_confirms_is_confirmed_by_mail(
    *, site: Site, cast: Cast, signed: Any, reviewer: int, now: datetime
) -> None:
    from petitions.domain.presenting import signed_page

    signature = signed()
    reviewing.attest(
        site, signature.id, organiser_id=reviewer, reason="by phone", actor=ACTOR, now=now
    )
    page = signed_page(site, cast.petition, signature.id, now)
    assert (page.confirmed, page.person is not None) == (False, True)
    later = now + timedelta(hours=1)
    for _ in range(2):
        signing.confirm(cast.petition, signature.id, later)
    assert (signature.verified_by, signature.attested_by) == (Verification.EMAIL, None)
    assert signature.confirmed_at == later
    numbers = numbers_of(cast.petition.id)
    assert (numbers.confirmed, numbers.attested) == (1, 0)


@pytest.mark.parametrize(
    ("state", "later", "reason", "refusal"),
    [
        (PetitionState.OPEN, timedelta(), "", "reason needed"),
        (PetitionState.STOPPED, timedelta(), "by phone", "stopped"),
        (PetitionState.OPEN, WEEK, "by phone", "too late"),
    ],
)
def test_attesting_is_refused(
    *,
    site: Site,
    cast: Cast,
    signed: Any,
    reviewer: int,
    now: datetime,
    state: PetitionState,
    later: timedelta,
    reason: str,
    refusal: str,
) -> None:
    signature = signed()
    cast.petition.stop_reason = "She is free."
    cast.petition.state = state
    with pytest.raises(Refused, match=refusal):
        reviewing.attest(
            site,
            signature.id,
            organiser_id=reviewer,
            reason=reason,
            actor=ACTOR,
            now=now + later,
        )
    assert signature.state is SignatureState.PENDING


def test_whoever_confirmed_by_mail_is_not_attested(
    site: Site, signed: Any, reviewer: int, now: datetime
) -> None:
    signature = signed(confirm=True)
    with pytest.raises(Refused, match="not pending"):
        reviewing.attest(
            site, signature.id, organiser_id=reviewer, reason="x", actor=ACTOR, now=now
        )
    assert signature.verified_by is Verification.EMAIL


# Withdrawing and erasing for a person who asks.


def test_withdrawing_for_somebody_is_what_they_would_do_themselves(
    database: SQLAlchemy, site: Site, signed: Any, now: datetime
) -> None:
    signature = signed(confirm=True, news=True)
    asked = {"reason": "", "actor": ACTOR, "now": now}
    assert reviewing.withdraw(site, signature.id, **asked)
    assert not reviewing.withdraw(site, signature.id, **asked)
    assert signature.state is SignatureState.WITHDRAWN
    assert (signature.person_sealed, signature.address_sealed, signature.lookup) == (None,) * 3
    assert [entry.action for entry in history(database, signature)] == ["signature withdrawn"]
    mail = database.session.execute(select(Mail).where(Mail.kind == "signing")).scalar_one()
    database.session.refresh(mail)
    assert mail.address_sealed is None


def test_erasing_wipes_the_person_whom_a_bundle_still_holds(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed(confirm=True)
    bundles.freeze(cast.petition, bundles.recipients_of(cast.petition)[0], now)
    by = {"actor": ACTOR, "now": now}
    reviewing.withdraw(site, signature.id, reason="Ada wrote to us", **by)
    assert signature.person_sealed is not None
    with pytest.raises(Refused, match="ground needed"):
        reviewing.erase(site, signature.id, ground="Ada wrote to us", **by)
    assert reviewing.erase(site, signature.id, ground="in writing", **by)
    assert not reviewing.erase(site, signature.id, ground="in writing", **by)
    assert signature.person_sealed is None


def test_erasing_wipes_what_was_written_about_the_person_and_the_chain_stands(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    one, other = signed(confirm=True), signed("other@example.org", confirm=True)
    ids = [one.id, other.id]
    facts = {"actor": ACTOR, "now": now}
    reviewing.set_aside(
        site, cast.petition, ids, ground="other", reason="Ada telephoned: not her", **facts
    )
    reviewing.put_back(site, cast.petition, ids, reason="Ada says it is her", **facts)
    reviewing.erase(site, one.id, ground="by telephone", **facts)
    database.session.commit()
    erased = dossier(site, one.id)
    assert set(erased.reasons.values()) == {""}
    assert [entry.id in erased.wiped for entry in erased.history] == [False, True, True]
    assert not erased.holds_anything
    kept = dossier(site, other.id)
    assert set(kept.reasons.values()) == {"Ada telephoned: not her", "Ada says it is her"}
    assert audit.first_broken() is None


def test_of_one_who_withdraws_before_any_bundle_no_written_reason_stays(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed(confirm=True)
    ids, facts = [signature.id], {"actor": ACTOR, "now": now}
    reviewing.set_aside(site, cast.petition, ids, ground="other", reason="Ada?", **facts)
    privacy.withdraw(signature.id, now)
    assert set(dossier(site, signature.id).reasons.values()) == {""}
    # What an organiser writes when withdrawing for somebody comes after, and can be erased too.
    again = signed()
    reviewing.withdraw(site, again.id, reason="Ada telephoned", **facts)
    assert dossier(site, again.id).holds_anything
    assert reviewing.erase(site, again.id, ground="by telephone", **facts)
    assert not dossier(site, again.id).holds_anything


def test_what_is_not_there_cannot_be_withdrawn(site: Site, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        reviewing.withdraw(site, 99, reason="", actor=ACTOR, now=now)


def test_of_an_organiser_and_a_signer_at_once_one_is_first_and_nothing_breaks(
    *,
    app: Flask,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signed: Any,
    reviewer: int,
    now: datetime,
) -> None:
    signature_id, petition_id = signed().id, str(cast.petition.id)
    database.session.commit()
    barrier = Barrier(6)

    def act(number: int) -> str:
        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            try:
                if number % 2:
                    signing.confirm(petition_named(petition_id), signature_id, now)
                    told = "signed"
                else:
                    facts = {"organiser_id": reviewer, "reason": "x", "actor": ACTOR, "now": now}
                    told = str(reviewing.attest(site, signature_id, **facts))
            except Refused as refused:
                told = refused.reason
            database.session.commit()
            return told

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(act, range(6)))
    database.session.expire_all()
    signature = database.session.get_one(Signature, signature_id)
    entries = [entry.action for entry in history(database, signature)]
    # Where the organiser was first, the signer's own confirmation counts for more.
    assert signature.verified_by is Verification.EMAIL
    assert answers[1::2] == ["signed"] * 3
    assert answers[::2].count("True") == len(entries)
    assert set(answers[::2]) <= {"True", "False", "not pending"}
    assert set(entries) <= {"signature attested"}
    assert len(entries) <= 1


# Setting aside and putting back.


def aside(site: Site, cast: Cast, now: datetime, *ids: int, **facts: str) -> reviewing.Moved:
    given: dict[str, Any] = {"ground": "automatic", "reason": "", "actor": ACTOR, **facts}
    return reviewing.set_aside(site, cast.petition, ids, now=now, **given)


def back(site: Site, cast: Cast, now: datetime, *ids: int) -> reviewing.Moved:
    facts: dict[str, Any] = {"reason": "they wrote to us", "actor": ACTOR, "now": now}
    return reviewing.put_back(site, cast.petition, ids, **facts)


def test_a_confirmed_one_comes_back_confirmed(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed(confirm=True)
    assert aside(site, cast, now, signature.id).done == [signature.id]
    assert aside(site, cast, now, signature.id).unchanged == [signature.id]
    assert (signature.set_aside_reason, signature.set_aside_at) == ("automatic", now)
    assert numbers_of(cast.petition.id).confirmed == 0
    later = now + WEEK
    assert back(site, cast, later, signature.id).done == [signature.id]
    assert back(site, cast, later, signature.id).unchanged == [signature.id]
    assert (signature.state, signature.set_aside_at) == (SignatureState.CONFIRMED, None)
    actions = [entry.action for entry in history(database, signature)]
    assert actions == ["signature set aside", "signature put back"]


@pytest.mark.parametrize("news", [False, True])
def test_a_pending_one_is_put_back_with_its_address(
    site: Site, cast: Cast, signed: Any, now: datetime, news: bool
) -> None:
    signature = signed(news=news)
    sealed = bytes(signature.address_sealed)
    aside(site, cast, now, signature.id)
    back(site, cast, now, signature.id)
    assert (signature.state, signature.address_sealed) == (SignatureState.PENDING, sealed)


@pytest.mark.parametrize("end", ["confirmed", "withdrawn", "expired"])
def test_address_of_one_set_aside_goes_when_it_would_have_gone(
    *, database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime, end: str
) -> None:
    signature = signed()
    aside(site, cast, now, signature.id)
    assert database.session.get(SetAsideAddress, signature.id) is not None
    database.session.expunge_all()
    match end:
        case "confirmed":
            signing.confirm(cast.petition, signature.id, now)
        case "withdrawn":
            privacy.withdraw(signature.id, now)
        case "expired":
            expire_unconfirmed(now + WEEK)
    assert database.session.get(SetAsideAddress, signature.id) is None


def test_a_link_answers_the_caught_as_anybody(
    site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    caught, free = signed(news=True), signed("free@example.org", news=True)
    aside(site, cast, now, caught.id)
    for signature in (caught, free):
        signing.confirm(cast.petition, signature.id, now, no_news=True)
        signing.confirm(cast.petition, signature.id, now + WEEK)
        assert (signature.confirmed_at, signature.address_sealed) == (now, None)
    assert caught.state is SignatureState.SET_ASIDE
    back(site, cast, now + WEEK, caught.id)
    assert caught.state is SignatureState.CONFIRMED


@pytest.mark.parametrize("caught", [False, True])
def test_links_of_the_caught_end_when_all_others_do(
    site: Site, cast: Cast, signed: Any, now: datetime, caught: bool
) -> None:
    signature = signed()
    if caught:
        aside(site, cast, now, signature.id)
    cast.petition.state, cast.petition.stop_reason = PetitionState.STOPPED, "She is free."
    with pytest.raises(PetitionClosed):
        signing.confirm(cast.petition, signature.id, now)
    with pytest.raises(TokenExpired):
        signing.confirm(cast.petition, signature.id, now + WEEK)


def test_one_that_was_not_confirmed_in_time_cannot_come_back(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature, confirmed = signed(), signed("c@example.org", confirm=True)
    aside(site, cast, now, signature.id, confirmed.id)
    assert back(site, cast, now + WEEK, signature.id).too_late == [signature.id]
    assert expire_unconfirmed(now + WEEK) == 1
    left = database.session.execute(select(Signature.id)).scalars().all()
    assert left == [confirmed.id]


def test_whoever_signs_again_after_a_week_is_asked_anew_though_caught_before(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    aside(site, cast, now, signed().id)
    signing.sign(site, cast.petition, form(SIGNER), now + WEEK)
    states = database.session.execute(select(Signature.state)).scalars().all()
    assert states == [SignatureState.PENDING]


def test_setting_aside_takes_no_other_petitions_signatures_and_no_empty_selection(
    site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    from tests.domain.cast import publish

    signature = signed()
    other = publish(site, now, slug="boris-c")
    assert aside(site, other, now, signature.id).done == []
    assert signature.state is SignatureState.PENDING
    with pytest.raises(Refused, match="nothing selected"):
        aside(site, cast, now)
    with pytest.raises(Refused, match="ground needed"):
        aside(site, cast, now, signature.id, ground="because")
    with pytest.raises(Refused, match="reason needed"):
        aside(site, cast, now, signature.id, ground="other")
    with pytest.raises(Refused, match="reason needed"):
        reviewing.put_back(site, cast.petition, [1], reason="", actor=ACTOR, now=now)


def test_reasons_are_in_no_row_and_no_detail(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    aside(site, cast, now, signature.id, ground="other", reason="Ada is his neighbour")
    (entry,) = history(database, signature)
    assert "Ada" not in entry.detail + entry.subject + (signature.set_aside_reason or "")
    assert dossier(site, signature.id).reasons == {entry.id: "Ada is his neighbour"}


# Looking.


def test_pages_go_on_where_the_last_ended(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any
) -> None:
    ids = [signed(f"s{number}@example.org").id for number in range(PAGE + 5)][::-1]
    first = page_of(site, cast.petition, Shelf.PENDING)
    assert [line.signature.id for line in first.lines] == ids[:PAGE]
    assert (first.newer, first.older) == (None, ids[PAGE - 1])
    last = page_of(site, cast.petition, Shelf.PENDING, before=first.older)
    assert [line.signature.id for line in last.lines] == ids[PAGE:]
    assert (last.newer, last.older) == (ids[PAGE], None)
    again = page_of(site, cast.petition, Shelf.PENDING, after=last.newer)
    assert [line.signature.id for line in again.lines] == ids[:PAGE]
    assert again.newer is None
    assert page_of(site, cast.petition, Shelf.CONFIRMED).lines == []


def test_a_shelf_holds_its_state_alone(
    site: Site, cast: Cast, signed: Any, reviewer: int, now: datetime
) -> None:
    rows = {shelf: signed(f"{shelf.name}@example.org").id for shelf in Shelf}
    signing.confirm(cast.petition, rows[Shelf.CONFIRMED], now)
    reviewing.attest(
        site, rows[Shelf.ATTESTED], organiser_id=reviewer, reason="x", actor=ACTOR, now=now
    )
    aside(site, cast, now, rows[Shelf.SET_ASIDE])
    privacy.withdraw(rows[Shelf.WITHDRAWN], now)
    for shelf, signature_id in rows.items():
        (line,) = page_of(site, cast.petition, shelf).lines
        assert line.signature.id == signature_id
        assert line.is_wiped is (shelf is Shelf.WITHDRAWN)
        assert "Ada" not in repr(line)


def test_without_the_cases_key_the_list_is_there_and_the_names_are_not(
    site: Site, cast: Cast, signed: Any
) -> None:
    from petitions.domain.case_keys import case_key

    signed()
    site.keyring.destroy_case(case_key(cast.case.id).ref)
    (line,) = page_of(site, cast.petition, Shelf.PENDING).lines
    assert (line.person, line.is_wiped) == (None, False)


def test_an_address_is_found_by_any_spelling_and_kept_nowhere(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed("a.b@gmail.com")
    found = search_address(site, cast.petition, "AB+x@googlemail.com", ACTOR, now)
    assert found.signature is not None
    assert found.signature.id == signature.id
    kinds = {mail.kind: mail.state for mail in found.mails}
    assert kinds == {"signing": MailState.WAITING, "reminder": MailState.WAITING}
    assert found.suppressed is None
    privacy.not_me(signature.id, _suppression(site, "a.b@gmail.com"), now)
    gone = search_address(site, cast.petition, "a.b@gmail.com", ACTOR, now)
    assert (gone.signature, gone.suppressed) == (None, "suppressed")
    entries = [(entry.action, entry.detail) for entry in audit.entries()]
    assert entries == [
        ("address searched", '{"found": true}'),
        ("address searched", '{"found": false}'),
    ]


def _suppression(site: Site, address: str) -> bytes:
    from petitions.domain import outbox

    return outbox.suppression_key(site, address)


# Paper and partners.


def entry(**changes: Any) -> paper.PaperEntry:
    given = {"source": "paper", "country": "IS", "number": 40, "collected_on": None}
    return paper.PaperEntry(**{**given, "provenance": "Market day", **changes})


def test_paper_numbers_are_entered_once_and_shown_apart(
    database: SQLAlchemy, cast: Cast, reviewer: int, site: Site, now: datetime
) -> None:
    from petitions.domain.fingerprints import fingerprint

    petition = petition_named(cast.petition.slug)
    facts: dict[str, Any] = {"organiser_id": reviewer, "actor": ACTOR, "now": now}
    facts["seen"] = fingerprint(paper.values_of_list([]))
    assert paper.add_paper(petition, entry(), **facts)
    assert not paper.add_paper(petition, entry(), **facts)  # the same form, sent twice
    with pytest.raises(ChangedMeanwhile):
        paper.add_paper(petition, entry(number=41), **facts)
    assert numbers_of(petition.id).paper == 40
    (row,) = paper.papers_of(petition.id)
    removed = {"reason": "counted twice", "actor": ACTOR, "now": now}
    assert paper.remove_paper(site, petition, row.id, **removed)
    assert not paper.remove_paper(site, petition, row.id, **removed)
    assert numbers_of(petition.id).paper == 0
    assert [one.action for one in audit.entries()] == [
        "paper signatures entered",
        "paper signatures removed",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "rumour"}, "source"),
        ({"number": 0}, "number"),
        ({"provenance": ""}, "provenance"),
        ({"source": "partner"}, "how_checked"),
        ({"collected_on": date(2026, 3, 15)}, "collected_on"),
    ],
)
def test_paper_numbers_without_provenance_are_refused(
    cast: Cast, reviewer: int, now: datetime, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        paper.add_paper(
            cast.petition, entry(**changes), seen="", organiser_id=reviewer, actor=ACTOR, now=now
        )
    assert refused.value.field == field
