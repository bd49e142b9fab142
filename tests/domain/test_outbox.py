"""The outbox and its budgets: what may go, when, who may send it, and what is wiped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.domain import budgets, outbox, privacy, signing
from petitions.domain.outbox import LEASE, PAUSES
from petitions.domain.site import Site
from petitions.models import DayKey, Mail, MailBudget, MailKind, MailState
from tests.domain.cast import Cast, form, publish


def queue(site: Site, now: datetime, petition: int | None = None, to: str = "a@b.org") -> None:
    outbox.enqueue(
        site,
        MailKind.SIGNING,
        address=to,
        petition_id=petition,
        signature_id=None,
        language="en",
        now=now,
    )


def states(database: SQLAlchemy) -> list[tuple[MailState, timedelta]]:
    mails = database.session.execute(select(Mail).order_by(Mail.id)).scalars()
    return [(mail.state, mail.not_before - mail.created_at) for mail in mails]


def test_two_mails_a_petition_and_day_ten_minutes_apart(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for _ in range(3):
        queue(site, now, cast.petition.id)
    got = states(database)
    assert got[0] == (MailState.WAITING, timedelta())
    assert got[1][0] is MailState.WAITING
    assert timedelta(minutes=10) - got[1][1] < timedelta(seconds=1)
    assert got[2][0] is MailState.WITHHELD


def test_three_mails_a_day_over_all_whatever_their_kind(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    others = [publish(site, now, slug=f"case-{n}").petition.id for n in range(2)]
    for petition in (cast.petition.id, *others):
        queue(site, now, petition)
    privacy.ask_for_link(site, "a+x@b.org", "en", now)
    queue(site, now + timedelta(days=1), cast.petition.id)
    kinds = [state for state, _ in states(database)]
    assert kinds == [MailState.WAITING] * 3 + [MailState.WITHHELD, MailState.WAITING]


def test_budget_rows_hold_no_address_and_go_after_48_hours(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    queue(site, now)
    budgets.forget_old_days(now + timedelta(days=1))
    assert database.session.execute(select(func.count()).select_from(MailBudget)).scalar_one() == 2
    assert budgets.forget_old_days(now + timedelta(days=3)) == 1
    for table in (MailBudget, DayKey):
        assert database.session.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_claimed_mail_is_nobody_elses_until_the_lease_ends(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    queue(site, now)
    (mail,) = outbox.claim(site, "one", now)
    assert mail.address == "a@b.org"
    assert "a@b.org" not in repr(mail)
    assert outbox.claim(site, "two", now) == []
    (taken,) = outbox.claim(site, "two", now + LEASE)
    assert (taken.id, taken.message_id, taken.attempts) == (mail.id, mail.message_id, 2)
    outbox.mark_sent([mail.id], "one", now)  # the killed one comes back: no longer its mail
    assert states(database)[0][0] is MailState.WAITING
    outbox.mark_sent([mail.id], "two", now)
    row = database.session.get_one(Mail, mail.id, populate_existing=True)
    assert (row.state, row.address_sealed) == (MailState.SENT, None)


def test_retries_wait_longer_and_longer_and_end_as_failed(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    queue(site, now)
    waited = []
    moment = now
    for _ in range(len(PAUSES)):
        (mail,) = outbox.claim(site, "w", moment)
        outbox.retry_later(mail, "w", "451", moment)
        row = database.session.get_one(Mail, mail.id, populate_existing=True)
        waited.append(row.not_before - moment)
        assert outbox.claim(site, "w", row.not_before - timedelta(seconds=1)) == []
        moment = row.not_before
    assert tuple(waited) == PAUSES
    (mail,) = outbox.claim(site, "w", moment)
    outbox.retry_later(mail, "w", "451", moment)
    row = database.session.get_one(Mail, mail.id, populate_existing=True)
    assert (row.state, row.outcome, row.address_sealed) == (MailState.FAILED, "451", None)


def test_mail_given_back_is_due_at_once_and_was_not_an_attempt(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    queue(site, now)
    (mail,) = outbox.claim(site, "w", now)
    outbox.give_back([mail.id], "w")
    (again,) = outbox.claim(site, "x", now)
    assert again.attempts == 1


def test_deleting_a_signature_leaves_its_mail_without_it(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    database.session.execute(database.text("DELETE FROM signature"))
    (mail,) = outbox.claim(site, "w", now)
    assert mail.signature_id is None


@pytest.mark.parametrize("word", ["over budget", "suppressed"])
def test_withheld_mail_says_why_and_keeps_no_address(
    database: SQLAlchemy, site: Site, now: datetime, word: str
) -> None:
    if word == "suppressed":
        privacy.not_me(0, outbox.suppression_key(site, "a@b.org"), now)
    for _ in range(3):
        queue(site, now)
    row = database.session.execute(select(Mail).order_by(Mail.id.desc())).scalars().first()
    assert row is not None
    assert (row.state, row.outcome, row.address_sealed) == (MailState.WITHHELD, word, None)


def test_the_gap_holds_over_midnight(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    late = now.replace(hour=23, minute=59, second=30)
    queue(site, late, cast.petition.id)
    after = late + timedelta(minutes=1)
    queue(site, after, cast.petition.id)
    mails = database.session.execute(select(Mail).order_by(Mail.id)).scalars().all()
    assert mails[1].state is MailState.WAITING
    assert mails[1].not_before - mails[0].not_before >= timedelta(minutes=10)


def test_repeated_forms_do_not_use_up_the_link_to_ones_own_signature(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for _ in range(20):
        queue(site, now, cast.petition.id)
    privacy.ask_for_link(site, "a@b.org", "en", now)
    newest = select(Mail).order_by(Mail.id.desc()).limit(1)
    assert database.session.execute(newest).scalar_one().state is MailState.WAITING
