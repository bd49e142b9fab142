"""The one reminder: queued with the first mail, sent after two days, gone once it is not needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import expiry, outbox, privacy, resending, reviewing, signing
from petitions.domain.mail_report import waiting_mails
from petitions.domain.site import Site
from petitions.mail.content import content_of
from petitions.mail.verdicts import NotToBeSent
from petitions.models import (
    CaseKey,
    Mail,
    MailKind,
    MailState,
    PetitionState,
    Signature,
)
from tests.domain.cast import Cast, form

DAYS = timedelta(days=2)
SECOND = timedelta(seconds=1)


@pytest.fixture
def signature(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Signature:
    signing.sign(site, cast.petition, form(), now)
    return database.session.execute(select(Signature)).scalar_one()


def reminders(database: SQLAlchemy) -> list[Mail]:
    query = select(Mail).where(Mail.kind == MailKind.REMINDER).order_by(Mail.id)
    fresh = query.execution_options(populate_existing=True)
    return list(database.session.execute(fresh).scalars())


def sent_first(site: Site, now: datetime) -> None:
    (first,) = outbox.claim(site, "w", now)
    assert first.kind is MailKind.SIGNING
    outbox.mark_sent([first.id], "w", now)


def test_it_waits_two_days_and_asks_to_confirm_within_the_week(
    database: SQLAlchemy, site: Site, signature: Signature, now: datetime
) -> None:
    sent_first(site, now)
    assert outbox.claim(site, "w", now + DAYS - SECOND) == []
    assert not outbox.anything_due(now + DAYS - SECOND)
    (mail,) = outbox.claim(site, "w", now + DAYS)
    assert (mail.kind, mail.address) == (MailKind.REMINDER, "signer@example.org")
    content = content_of(site, mail, now + DAYS)
    assert (content.template, content.until) == ("reminder", now + timedelta(days=7))
    assert set(content.links) == {"confirm", "not_me"}
    outbox.mark_sent([mail.id], "w", now + DAYS)
    assert not outbox.anything_due(now + timedelta(days=30))


def _confirm(_: Site, cast: Cast, signature: Signature, now: datetime) -> None:
    signing.confirm(cast.petition, signature.id, now)


def _withdraw(_: Site, __: Cast, signature: Signature, now: datetime) -> None:
    privacy.withdraw(signature.id, now)


def _erase(_: Site, __: Cast, signature: Signature, now: datetime) -> None:
    privacy.erase(signature.id, now)


def _not_me(site: Site, _: Cast, signature: Signature, now: datetime) -> None:
    privacy.not_me(signature.id, outbox.suppression_key(site, "signer@example.org"), now)


def _expire(_: Site, __: Cast, signature: Signature, now: datetime) -> None:
    assert expiry.expire([signature.id], now) == 1


def _set_aside(site: Site, cast: Cast, signature: Signature, now: datetime) -> None:
    reviewing.set_aside(
        site, cast.petition, [signature.id], ground="automatic", reason="", actor="a", now=now
    )


@pytest.mark.parametrize("end", [_confirm, _withdraw, _erase, _not_me, _expire])
def test_it_is_cancelled_and_its_address_wiped(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signature: Signature,
    now: datetime,
    end: Callable[[Site, Cast, Signature, datetime], None],
) -> None:
    end(site, cast, signature, now)
    (mail,) = reminders(database)
    assert (mail.state, mail.address_sealed, mail.held) == (MailState.CANCELLED, None, None)


def test_whoever_was_set_aside_is_reminded_like_anybody(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    _set_aside(site, cast, signature, now)
    assert [mail.state for mail in reminders(database)] == [MailState.WAITING]


def test_whoever_was_set_aside_and_confirms_has_none_left(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    _set_aside(site, cast, signature, now)
    signing.confirm(cast.petition, signature.id, now)
    assert [mail.state for mail in reminders(database)] == [MailState.CANCELLED]


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_repeated_form_writes_one_that_is_cancelled_and_holds_no_address(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signature: Signature,
    now: datetime,
    confirmed: bool,
) -> None:
    if confirmed:
        signing.confirm(cast.petition, signature.id, now)
    signing.sign(site, cast.petition, form(), now + timedelta(hours=1))
    first, second = reminders(database)
    assert first.state is (MailState.CANCELLED if confirmed else MailState.WAITING)
    assert (second.state, second.address_sealed) == (MailState.CANCELLED, None)


def test_there_is_none_for_who_wants_no_mail(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    privacy.not_me(0, outbox.suppression_key(site, "signer@example.org"), now)
    signing.sign(site, cast.petition, form(), now)
    (mail,) = reminders(database)
    assert (mail.state, mail.address_sealed) == (MailState.CANCELLED, None)


def test_there_is_none_in_a_sealed_case_and_sealing_cancels_those_that_wait(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    database.session.get_one(CaseKey, cast.case.id).mode = "sealed"
    database.session.flush()
    (due,) = [m for m in outbox.claim(site, "w", now + DAYS) if m.kind is MailKind.REMINDER]
    with pytest.raises(NotToBeSent, match="sealed"):
        content_of(site, due, now + DAYS)
    outbox.give_back([due.id], "w")
    outbox.cancel_reminders_of_sealed_cases(now)
    assert [mail.state for mail in reminders(database)] == [MailState.CANCELLED]
    signing.sign(site, cast.petition, form("other@example.org"), now)
    assert len(reminders(database)) == 1


def test_it_counts_when_it_becomes_due_and_is_withheld_over_the_budget(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    sent_first(site, now)
    for _ in range(2):  # two mails that somebody asks for on the third day
        signing.sign(site, cast.petition, form(), now + DAYS - timedelta(hours=1))
    claimed = outbox.claim(site, "w", now + DAYS)
    assert {mail.kind for mail in claimed} == {MailKind.SIGNING}
    waiting = reminders(database)[0]
    assert (waiting.state, waiting.outcome) == (MailState.WITHHELD, "over budget")


def test_it_keeps_the_pause_to_the_mail_before_and_counts_once(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    sent_first(site, now)
    at = now + DAYS
    signing.sign(site, cast.petition, form(), at - timedelta(minutes=1))
    (asked,) = outbox.claim(site, "w", at)
    outbox.mark_sent([asked.id], "w", at)
    (held,) = [mail for mail in reminders(database) if mail.state is MailState.WAITING]
    assert (held.held, held.budgeted, held.attempts) == ("gap", True, 0)
    assert timedelta(minutes=8) < held.not_before - at < timedelta(minutes=10)
    (mail,) = outbox.claim(site, "w", held.not_before)
    assert (mail.id, mail.attempts) == (held.id, 1)


@pytest.mark.parametrize("state", [PetitionState.STOPPED, PetitionState.ARCHIVED])
def test_nobody_is_reminded_of_what_cannot_be_confirmed_any_more(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    signature: Signature,
    now: datetime,
    state: PetitionState,
) -> None:
    sent_first(site, now)
    cast.petition.state, cast.petition.stop_reason = state, "She is free."
    database.session.flush()
    (mail,) = outbox.claim(site, "w", now + DAYS)
    with pytest.raises(NotToBeSent) as verdict:
        content_of(site, mail, now + DAYS)
    assert verdict.value.state is MailState.CANCELLED


def test_it_neither_stands_in_the_way_of_sending_again_nor_counts_as_waiting(
    database: SQLAlchemy, site: Site, cast: Cast, signature: Signature, now: datetime
) -> None:
    sent_first(site, now)
    choice = resending.Choice((signature.id,))
    plan = resending.plan(site, cast.petition, choice, now + timedelta(hours=1))
    assert plan.going == 1
    (waiting,) = waiting_mails(now)
    assert (waiting.why, waiting.number, waiting.first_at) == ("reminder", 1, now + DAYS)


class TestWithout:
    @pytest.fixture
    def settings(self, settings: Any) -> Any:
        from dataclasses import replace

        return replace(settings, mail_reminder_hours=0)

    def test_operator_may_do_without(
        self, app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
    ) -> None:
        signing.sign(site, cast.petition, form(), now)
        assert reminders(database) == []
