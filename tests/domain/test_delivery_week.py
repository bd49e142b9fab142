"""What is due to whom in the delivery week, and who is reminded that a reply is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import bundles, deliveries, names_terms, replies
from petitions.domain.delivery_week import What, board
from petitions.domain.reply_reminders import anything_due, remind
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    Mail,
    MailKind,
    Organiser,
    OrganiserRole,
    PetitionState,
    Role,
)
from tests.domain.cast import Cast
from tests.domain.test_bundles import signed
from tests.domain.test_deliveries import facts

Deliver = Callable[..., Delivery]


@pytest.fixture
def dora(database: SQLAlchemy, now: datetime) -> int:
    made = Organiser(email="dora@example.org", fs_uniquifier="dora", name="Dora", created_at=now)
    database.session.add(made)
    database.session.flush()
    database.session.add(OrganiserRole(organiser_id=made.id, role=Role.DELIVERER))
    database.session.flush()
    return made.id


@pytest.fixture
def bundle(site: Site, cast: Cast, now: datetime) -> Bundle:
    signed(site, cast, now, ("Ada", "GB", Appearance.FULL))
    recipient = bundles.recipient_named(cast.petition, "minister-anna-b")
    [made] = bundles.freeze(cast.petition, recipient, now)
    return made


@pytest.fixture
def deliver(bundle: Bundle, dora: int) -> Deliver:
    def log(now: datetime, **changes: object) -> Delivery:
        told = replace(facts(), attempted_at=now - timedelta(days=1), **changes)
        return deliveries.log(bundle, told, organiser_id=dora, now=now)

    return log


def kinds(now: datetime, **chosen: int) -> set[What]:
    return {what for what, dues in board(now.date(), now, **chosen).items() if dues}


def reminders() -> list[Mail]:
    query = select(Mail).where(Mail.kind == MailKind.REPLY_DUE)
    return list(db.session.execute(query).scalars())


def test_bundle_stands_on_the_board_until_somebody_takes_it_there(
    cast: Cast,
    bundle: Bundle,
    deliver: Deliver,
    dora: int,
    now: datetime,
) -> None:
    [due] = board(now.date(), now)[What.NOT_DELIVERED]
    assert (due.bundle, due.official_id) == (bundle, bundle.official_id)
    assert kinds(now, petition_id=cast.petition.id + 1) == set()

    asked = {"state": DeliveryState.REQUESTED, "outcome": None, "public": False}
    delivery = deliver(now, **asked, deliverer_id=dora)
    assert kinds(now, organiser_id=dora) == {What.ASKED}
    assert kinds(now, organiser_id=dora + 1) == set()
    assert kinds(now + timedelta(days=8)) == {What.UNANSWERED}
    delivery.state = DeliveryState.AGREED
    assert kinds(now) == {What.APPOINTMENT}
    delivery.state, delivery.outcome = DeliveryState.DONE, DeliveryOutcome.ACCEPTED
    assert kinds(now) == set()


def test_bundle_is_not_waited_for_once_everything_is_handed_over(
    cast: Cast, bundle: Bundle, dora: int, now: datetime
) -> None:
    cast.petition.state = PetitionState.CLOSED
    names_terms.say_all_delivered(cast.petition, organiser_id=dora, actor="organiser", now=now)
    assert kinds(now) == set()


def test_last_day_says_how_many_offices_have_no_bundle(
    cast: Cast,
    bundle: Bundle,
    now: datetime,
) -> None:
    cast.petition.deadline_on = now.date() + timedelta(days=3)
    [due] = board(now.date(), now)[What.LAST_DAY]
    assert (due.without_bundle, due.is_late) == (1, False)  # the agency's; no embassy is known
    cast.petition.deadline_on = now.date() + timedelta(days=30)
    assert board(now.date(), now)[What.LAST_DAY] == []


def test_reply_is_due_until_it_is_recorded(
    cast: Cast,
    bundle: Bundle,
    deliver: Deliver,
    dora: int,
    now: datetime,
) -> None:
    deliver(now, reply_due_on=now.date(), follow_up_on=now.date() + timedelta(days=2))
    assert kinds(now) == {What.REPLY, What.FOLLOW_UP}
    [due] = board(now.date() + timedelta(days=1), now)[What.REPLY]
    assert due.is_late
    replies.record(
        cast.petition,
        bundle.official_id,
        replies.ReplyFacts(received_on=date(2026, 1, 1), language="en", text="No."),
        delivery=due.delivery,
        organiser_id=dora,
        now=now,
    )
    assert kinds(now) == {What.FOLLOW_UP}


def test_whoever_sees_to_it_is_reminded_once_for_each_day(
    site: Site, deliver: Deliver, dora: int, now: datetime
) -> None:
    delivery = deliver(now, reply_due_on=now.date() + timedelta(days=1), deliverer_id=dora)
    assert not anything_due(now)
    later = now + timedelta(days=2)
    assert anything_due(later)
    assert remind(site, later) == 1
    assert [mail.organiser_id for mail in reminders()] == [dora]
    assert not anything_due(later)
    assert remind(site, later) == 0

    again = replace(
        facts(),
        attempted_at=delivery.attempted_at,
        deliverer_id=dora,
        reply_due_on=later.date() + timedelta(days=1),
    )
    deliveries.correct(delivery, again, seen="", actor=f"organiser {dora}", now=later)
    assert not anything_due(later)
    assert anything_due(later + timedelta(days=2))


def test_follow_up_that_is_due_is_mailed_once_for_each_day(
    site: Site, deliver: Deliver, dora: int, now: datetime
) -> None:
    delivery = deliver(now, follow_up_on=now.date() + timedelta(days=1))
    assert not anything_due(now)
    later = now + timedelta(days=2)
    assert remind(site, later) == 1
    assert [mail.organiser_id for mail in reminders()] == [dora]
    assert remind(site, later) == 0
    again = replace(
        facts(), attempted_at=delivery.attempted_at, follow_up_on=later.date() + timedelta(days=1)
    )
    deliveries.correct(delivery, again, seen="", actor=f"organiser {dora}", now=later)
    assert not anything_due(later)
    assert anything_due(later + timedelta(days=2))
    deliveries.mark_followed_up(delivery, True, actor=f"organiser {dora}", now=later)
    assert not anything_due(later + timedelta(days=2))


def test_reply_and_follow_up_of_one_day_are_one_mail(
    site: Site, deliver: Deliver, dora: int, now: datetime
) -> None:
    deliver(now, reply_due_on=now.date(), follow_up_on=now.date())
    assert remind(site, now + timedelta(days=1)) == 1
    assert not anything_due(now + timedelta(days=1))


def test_nobody_is_mailed_who_may_deliver_no_more(
    site: Site, deliver: Deliver, dora: int, now: datetime
) -> None:
    deliver(now, reply_due_on=now.date())
    db.session.get_one(Organiser, dora).active = False
    db.session.flush()
    assert remind(site, now + timedelta(days=1)) == 0
    assert reminders() == []


def test_what_cannot_be_is_refused(deliver: Deliver, dora: int, now: datetime) -> None:
    for wrong, field in (
        ({"reply_due_on": now.date() - timedelta(days=9)}, "reply_due_on"),
        ({"deliverer_id": dora + 1}, "deliverer_id"),
    ):
        with pytest.raises(Refused) as refused:
            deliver(now, **wrong)
        assert refused.value.field == field
