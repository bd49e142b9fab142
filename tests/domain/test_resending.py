"""Sending confirmations again: what a plan says is what then happens, and budgets hold."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.domain import outbox, privacy, resend_choice, resending, reviewing, signing
from petitions.domain.budgets import Budgets, peek, spend
from petitions.domain.resend_choice import Choice
from petitions.domain.resending import Fate
from petitions.domain.site import Site
from petitions.extensions import begin_write
from petitions.models import (
    AuditEntry,
    Mail,
    MailBudget,
    MailState,
    PetitionState,
    Signature,
    SignatureState,
)
from petitions.vault import canonical_address
from tests.domain.cast import Cast, form

ACTOR = "organiser 1"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def signed(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Callable[..., Signature]:
    def do(email: str = "ada@example.org", at: datetime = now, **typed: Any) -> Signature:
        signing.sign(site, cast.petition, form(email, **typed), at)
        newest = select(Signature).order_by(Signature.id.desc()).limit(1)
        return database.session.execute(newest).scalar_one()

    return do


def all_sent(database: SQLAlchemy, now: datetime) -> None:
    for mail in database.session.execute(
        select(Mail).where(Mail.state == "waiting", Mail.kind == "signing")
    ).scalars():
        mail.state, mail.final_at, mail.address_sealed = MailState.SENT, now, None
    database.session.flush()


def count(database: SQLAlchemy, table: Any) -> int:
    return database.session.execute(select(func.count()).select_from(table)).scalar_one()


def mails_to_confirm(database: SQLAlchemy) -> int:
    queued = select(func.count()).where(Mail.kind == "signing")
    return database.session.execute(queued).scalar_one()


def plan(site: Site, cast: Cast, now: datetime, *ids: int, **more: Any) -> resending.Plan:
    return resending.plan(site, cast.petition, Choice(ids, **more), now)


def resend(site: Site, cast: Cast, now: datetime, *ids: int, **more: Any) -> resending.Plan:
    return resending.resend(site, cast.petition, Choice(ids, **more), ACTOR, now)


def test_a_plan_counts_nothing_and_queues_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    all_sent(database, now)
    before = (
        database.session.execute(select(MailBudget.requested).order_by(MailBudget.key))
        .scalars()
        .all()
    )
    for _ in range(5):
        assert plan(site, cast, now + HOUR, signature.id).fates == {signature.id: Fate.GOES}
    after = (
        database.session.execute(select(MailBudget.requested).order_by(MailBudget.key))
        .scalars()
        .all()
    )
    assert before == after
    assert mails_to_confirm(database) == 1


def test_what_goes_is_queued_once_in_the_signers_language(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed(mail_language="ar")
    all_sent(database, now)
    later = now + HOUR
    assert resend(site, cast, later, signature.id).fates == {signature.id: Fate.GOES}
    again = resend(site, cast, later + SECOND, signature.id)
    assert again.fates == {signature.id: Fate.UNDER_WAY}
    mail = database.session.execute(
        select(Mail).where(Mail.state == "waiting", Mail.kind == "signing")
    ).scalar_one()
    assert (mail.signature_id, mail.language, mail.not_before) == (signature.id, "ar", later)
    (entry,) = database.session.execute(select(AuditEntry)).scalars().all()
    assert (entry.subject, entry.detail) == (f"signature {signature.id}", '{"goes": 1}')


def test_the_same_form_sent_again_queues_nothing_though_the_mail_has_gone(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    all_sent(database, now)
    shown = now + HOUR
    resend(site, cast, shown + SECOND, signature.id, since=shown)
    all_sent(database, shown + SECOND)
    again = resend(site, cast, shown + 2 * SECOND, signature.id, since=shown)
    assert again.fates == {signature.id: Fate.UNDER_WAY}
    assert mails_to_confirm(database) == 2


def test_the_gap_is_waited_for_and_said(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    all_sent(database, now)
    planned = plan(site, cast, now + SECOND, signature.id)
    gap_ends = now.replace(microsecond=0) + timedelta(seconds=site.budgets.gap)
    assert planned.fates == {signature.id: Fate.WAITS}
    assert planned.until == gap_ends
    resend(site, cast, now + SECOND, signature.id)
    mail = database.session.execute(
        select(Mail).where(Mail.state == "waiting", Mail.kind == "signing")
    ).scalar_one()
    assert mail.not_before == gap_ends


def test_what_is_over_budget_is_neither_queued_nor_counted(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    all_sent(database, now)
    resend(site, cast, now + HOUR, signature.id)
    all_sent(database, now)
    mails, budgets = mails_to_confirm(database), count(database, MailBudget)
    refused = resend(site, cast, now + 2 * HOUR, signature.id)
    assert refused.fates == {signature.id: Fate.OVER_BUDGET}
    assert (mails_to_confirm(database), count(database, MailBudget)) == (mails, budgets)
    assert count(database, AuditEntry) == 1
    assert resend(site, cast, now + DAY, signature.id).fates == {signature.id: Fate.GOES}


def test_why_others_get_no_mail(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    expired = signed("expired@example.org", now - 7 * DAY)
    rows = {
        name: signed(f"{name}@example.org") for name in ("confirmed", "aside", "not-me", "back")
    }
    all_sent(database, now)
    waiting = signed("waiting@example.org")
    signing.confirm(cast.petition, rows["confirmed"].id, now)
    facts: dict[str, Any] = {"reason": "x", "actor": ACTOR, "now": now}
    both = [rows["aside"].id, rows["back"].id]
    reviewing.set_aside(site, cast.petition, both, ground="other", **facts)
    reviewing.put_back(site, cast.petition, [rows["back"].id], **facts)
    elsewhere = outbox.suppression_key(site, "not-me@example.org")
    privacy.not_me(99, elsewhere, now)
    ids = [expired.id, waiting.id, *(row.id for row in rows.values())]
    assert plan(site, cast, now + HOUR, *ids).fates == {
        expired.id: Fate.EXPIRED,
        waiting.id: Fate.UNDER_WAY,
        rows["confirmed"].id: Fate.CONFIRMED,
        rows["aside"].id: Fate.NOT_PENDING,
        rows["not-me"].id: Fate.SUPPRESSED,
        rows["back"].id: Fate.GOES,
    }


@pytest.mark.parametrize("state", [PetitionState.STOPPED, PetitionState.ARCHIVED])
def test_no_mail_asks_to_confirm_where_the_petition_has_ended(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signed: Any,
    now: datetime,
    *,
    state: PetitionState,
) -> None:
    signature = signed()
    all_sent(database, now)
    cast.petition.state, cast.petition.stop_reason = state, "She is free."
    assert plan(site, cast, now + HOUR, signature.id).fates == {signature.id: Fate.STOPPED}


def test_no_mail_asks_to_confirm_for_a_hidden_case(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signature = signed()
    all_sent(database, now)
    cast.case.hidden_at, cast.case.hidden_reason = now, "danger"
    assert plan(site, cast, now + HOUR, signature.id).fates == {signature.id: Fate.STOPPED}


def test_without_the_cases_key_no_address_opens_and_it_is_said(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    from petitions.domain.case_keys import case_key

    signature = signed()
    all_sent(database, now)
    site.keyring.destroy_case(case_key(cast.case.id).ref)
    assert plan(site, cast, now + HOUR, signature.id).fates == {signature.id: Fate.SEALED}


def test_all_that_wait_for_days_go_batch_by_batch(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signed: Any,
    now: datetime,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resend_choice, "BATCH", 2)
    old = [signed(f"old{number}@example.org", now - 3 * DAY).id for number in range(5)]
    signed("young@example.org")
    all_sent(database, now)
    first = resend(site, cast, now, days=2)
    assert (list(first.fates), first.last, first.rest) == (old[:2], old[1], 3)
    second = resend(site, cast, now, days=2, after=first.last)
    third = resend(site, cast, now, days=2, after=second.last)
    assert (list(second.fates), list(third.fates)) == (old[2:4], old[4:])
    assert (third.going, third.rest) == (1, 0)


def test_those_whose_mail_failed_are_found_until_one_was_sent(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    signed("fine@example.org")
    failed = signed("failed@example.org")
    mails = (
        database.session.execute(select(Mail).where(Mail.kind == "signing").order_by(Mail.id))
        .scalars()
        .all()
    )
    for mail, state in zip(mails, (MailState.SENT, MailState.FAILED), strict=True):
        mail.state, mail.final_at, mail.address_sealed = state, now, None
    assert list(plan(site, cast, now + HOUR, failed=True).fates) == [failed.id]
    resend(site, cast, now + HOUR, failed=True)
    all_sent(database, now)
    assert plan(site, cast, now + HOUR, failed=True).fates == {}


def test_signatures_of_another_petition_get_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    from tests.domain.cast import publish

    other = publish(site, now, slug="boris-c")
    signature = signed()
    all_sent(database, now)
    assert resend(site, other, now + HOUR, signature.id).fates == {}
    assert signature.state is SignatureState.PENDING


@pytest.mark.parametrize("gap", [0, 600, 7200])
def test_peeking_says_what_spending_then_answers(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, gap: int
) -> None:
    budgets, address = Budgets(gap=gap), canonical_address("ada@example.org")
    late = now.replace(hour=23, minute=30)
    for minutes in (0, 1, 29, 31, 45, 100, 300):  # over midnight, on two petitions
        moment = late + timedelta(minutes=minutes)
        for petition_id in (1, 2):
            told = peek(budgets, site.keyring, [address, "other@example.org"], petition_id, moment)
            today = site.day_keys.here(moment)
            spent = spend(budgets, site.keyring, address, petition_id, moment, today=today)
            assert told[0].allowed == spent.allowed
            assert told[0].not_before == spent.not_before
            assert told[1].allowed


def test_eight_organisers_who_send_at_once_send_one_mail(
    *, app: Flask, database: SQLAlchemy, site: Site, cast: Cast, signed: Any, now: datetime
) -> None:
    from petitions.domain.petitions import petition_named

    ids = tuple(signed(f"s{number}@example.org").id for number in range(3))
    all_sent(database, now)
    petition_id = str(cast.petition.id)
    database.session.commit()
    barrier = Barrier(8)

    def send(_: int) -> int:
        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            petition = petition_named(petition_id)
            planned = resending.resend(site, petition, Choice(ids), ACTOR, now + HOUR)
            database.session.commit()
            return planned.going

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == [0] * 7 + [3]
    assert mails_to_confirm(database) == 6
    assert count(database, AuditEntry) == 1
