"""Mails that come back: who can have which address suppressed, and what is kept of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import bounces, organiser_mail, outbox, resending, signing
from petitions.domain.bounces import Taken, take_report
from petitions.domain.resending import Choice, Fate
from petitions.domain.site import Site
from petitions.domain.watching import standing_of
from petitions.models import (
    Mail,
    MailKind,
    MailState,
    Organiser,
    ReturnPath,
    Signature,
    Suppression,
)
from tests.domain.cast import Cast, form

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


def sent(site: Site, now: datetime, *, marked: bool = True) -> str:
    """Send the one mail that is due, and return the id that it may come back under."""
    (mail,) = claimed = outbox.claim(site, "w", now)
    ids = bounces.give_return_ids(site, claimed, now)
    if marked:
        outbox.mark_sent([mail.id], "w", now)
    return ids[mail.id]


@pytest.fixture
def return_id(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> str:
    signing.sign(site, cast.petition, form(), now)
    return sent(site, now)


def asked(database: SQLAlchemy) -> list[Mail]:
    query = select(Mail).where(Mail.kind == MailKind.SIGNING).order_by(Mail.id)
    fresh = query.execution_options(populate_existing=True)
    return list(database.session.execute(fresh).scalars())


def suppressed(database: SQLAlchemy) -> list[str]:
    return list(database.session.execute(select(Suppression.reason)).scalars())


def test_what_cannot_be_delivered_gets_no_more_mail_and_shows(
    database: SQLAlchemy, site: Site, cast: Cast, return_id: str, now: datetime
) -> None:
    for _ in range(2):  # reports come twice, too
        assert take_report(site, return_id.upper(), "Failed", "5.1.1", now) is Taken.HARD
    (mail,) = asked(database)
    assert (mail.state, mail.outcome) == (MailState.SENT, "came back 5.1.1")
    assert suppressed(database) == [outbox.BOUNCED]
    waiting = database.session.execute(select(Mail.id).where(Mail.state == "waiting")).all()
    assert waiting == []  # the reminder is gone, with its address
    standing = standing_of(cast.petition.id)
    assert dict(standing.came_back) == {"came back 5.1.1": 1}
    signing.sign(site, cast.petition, form(), now + timedelta(hours=1))
    assert (asked(database)[1].state, asked(database)[1].outcome) == (
        MailState.WITHHELD,
        "mail to it came back",
    )
    signature = database.session.execute(select(Signature)).scalar_one()
    choice = Choice((signature.id,))
    plan = resending.plan(site, cast.petition, choice, now + timedelta(hours=2))
    assert plan.fates == {signature.id: Fate.BOUNCED}


@pytest.mark.parametrize(
    ("action", "status", "taken", "outcome"),
    [
        ("failed", "5.7.26", Taken.REFUSED, "refused 5.7.26"),
        ("failed", "4.4.7", Taken.SOFT, "not delivered yet 4.4.7"),
        ("delayed", "4.2.2", Taken.SOFT, "not delivered yet 4.2.2"),
        ("delivered", "2.0.0", Taken.IGNORED, None),
        ("failed", "5.1.1 <script>", Taken.IGNORED, None),
        ("failed", "", Taken.IGNORED, None),
    ],
)
def test_whatever_is_not_the_addresss_own_fault_suppresses_nothing(
    *,
    database: SQLAlchemy,
    site: Site,
    return_id: str,
    now: datetime,
    action: str,
    status: str,
    taken: Taken,
    outcome: str | None,
) -> None:
    assert take_report(site, return_id, action, status, now) is taken
    (mail,) = asked(database)
    assert (mail.state, mail.outcome) == (MailState.SENT, outcome)
    assert suppressed(database) == []


def test_final_word_stands_and_a_delay_before_it_does_not(
    database: SQLAlchemy, site: Site, return_id: str, now: datetime
) -> None:
    for action, status in [("delayed", "4.2.2"), ("failed", "5.2.1"), ("delayed", "4.2.2")]:
        take_report(site, return_id, action, status, now)
    assert asked(database)[0].outcome == "came back 5.2.1"


def test_forged_ids_and_those_of_another_week_suppress_nobody(
    database: SQLAlchemy, site: Site, return_id: str, now: datetime
) -> None:
    (mail,) = asked(database)
    for forged in ("a" * 32, str(mail.id), mail.message_id.strip("<>").partition("@")[0], ""):
        assert take_report(site, forged, "failed", "5.1.1", now) is Taken.IGNORED
    late = now + WEEK + SECOND
    assert take_report(site, return_id, "failed", "5.1.1", late) is Taken.IGNORED
    assert suppressed(database) == []
    bounces.forget_return_paths(now + WEEK)
    assert len(database.session.execute(select(ReturnPath)).all()) == 1
    bounces.forget_return_paths(late)
    assert database.session.execute(select(ReturnPath)).all() == []


def test_a_report_that_is_faster_than_our_own_mark_is_to_come_again(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    return_id = sent(site, now, marked=False)
    assert take_report(site, return_id, "failed", "5.1.1", now) is Taken.TOO_EARLY
    assert suppressed(database) == []


def test_the_database_tells_neither_id_nor_whose_address_it_is(
    database: SQLAlchemy, site: Site, return_id: str, now: datetime
) -> None:
    key = outbox.suppression_key(site, "signer@example.org")
    path = database.session.execute(select(ReturnPath)).scalar_one()
    held = bytes(path.id_hash) + bytes(path.sealed)
    assert key not in held
    assert return_id.encode() not in held
    assert return_id not in repr(path)


def test_an_organisers_mail_comes_back_and_suppresses_nobody(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    bob = Organiser(email="bob@example.org", fs_uniquifier="k", created_at=now)
    database.session.add(bob)
    database.session.flush()
    organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, bob, now)
    assert take_report(site, sent(site, now), "failed", "5.1.1", now) is Taken.HARD
    assert suppressed(database) == []
    assert database.session.execute(select(Mail.outcome)).scalar_one() == "came back 5.1.1"


def test_after_a_month_the_address_may_be_tried_again(
    database: SQLAlchemy, site: Site, return_id: str, now: datetime
) -> None:
    take_report(site, return_id, "failed", "5.1.1", now)
    database.session.add(Suppression(key=b"k" * 32, reason="not me", created_at=now))
    database.session.flush()
    bounces.forget_return_paths(now + timedelta(days=30))
    assert sorted(suppressed(database)) == [outbox.BOUNCED, "not me"]
    bounces.forget_return_paths(now + timedelta(days=30) + SECOND)
    assert suppressed(database) == ["not me"]
