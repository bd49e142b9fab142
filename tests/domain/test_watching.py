"""The numbers of now, and what happened by hour and by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import expiry, privacy, reviewing, signing, watching
from petitions.domain.site import Site
from petitions.domain.watching import Span
from petitions.models import Mail, MailState, Signature
from tests.domain.cast import Cast, form, publish

DAY = timedelta(days=1)


def sign(site: Site, cast: Cast, name: str, at: datetime) -> int:
    signing.sign(site, cast.petition, form(f"{name}@example.org"), at)
    from petitions.extensions import db

    newest = select(Signature.id).order_by(Signature.id.desc()).limit(1)
    return db.session.execute(newest).scalar_one()


def test_each_state_has_its_own_number(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    other = publish(site, now, slug="boris-c")
    ids = [sign(site, cast, f"s{number}", now) for number in range(7)]
    sign(site, other, "elsewhere", now)
    for signature_id in ids[:3]:
        signing.confirm(cast.petition, signature_id, now)
    privacy.withdraw(ids[1], now)
    facts = {"actor": "organiser 1", "now": now, "reason": "they came by"}
    reviewing.set_aside(site, cast.petition, [ids[2]], ground="automatic", **facts)
    expiry.expire([ids[3]], now)
    mails = database.session.execute(
        select(Mail)
        .where(Mail.petition_id == cast.petition.id, Mail.kind == "signing")
        .order_by(Mail.id)
    )
    for mail, state in zip(
        mails.scalars().all()[4:], [MailState.FAILED, MailState.WITHHELD], strict=False
    ):
        mail.state, mail.final_at, mail.address_sealed = state, now, None
        mail.outcome = "over budget"
    database.session.flush()
    standing = watching.standing_of(cast.petition.id)
    assert (standing.pending, standing.confirmed, standing.attested) == (3, 1, 0)
    assert (standing.set_aside, standing.withdrawn, standing.expired) == (1, 1, 1)
    assert standing.created == 7
    assert (standing.mail_failed, dict(standing.withheld)) == (1, {"over budget": 1})
    assert standing.mail_cancelled == 2  # of the one withdrawn and the one expired
    assert standing.mail_waiting == 3
    assert standing.reminders == 3  # of those still pending; the others' are in no number
    total = watching.Standing()
    for one in watching.standings().values():
        total.add(one)
    assert total.created == 8


def test_hours_are_those_of_the_petitions_zone(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    sign(site, cast, "early", now - timedelta(minutes=30))  # 08:56 UTC, 14:41 in Kathmandu
    sign(site, cast, "late", now)  # 09:26 UTC, 15:11 in Kathmandu
    sign(site, cast, "long-ago", now - timedelta(hours=49))
    steps = watching.steps(Span.HOUR, "Asia/Kathmandu", now, cast.petition.id)
    assert len(steps) == 48
    assert [(step.begins.hour, step.begins.minute) for step in steps[-2:]] == [(14, 0), (15, 0)]
    assert [step.created for step in steps[-2:]] == [1, 1]
    assert sum(step.created for step in steps) == 2


def test_days_are_those_of_the_petitions_zone(database: SQLAlchemy, site: Site, cast: Cast) -> None:
    late = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)  # already the 15th in Moscow
    signature_id = sign(site, cast, "night", late)
    signing.confirm(cast.petition, signature_id, late + timedelta(minutes=1))
    steps = watching.steps(Span.DAY, "Europe/Moscow", late + DAY, cast.petition.id)
    assert len(steps) == 60
    by_day = {step.begins.date().isoformat(): step for step in steps}
    assert (by_day["2026-03-15"].created, by_day["2026-03-15"].confirmed) == (1, 1)
    assert by_day["2026-03-14"].created == 0


def test_an_hour_that_occurs_twice_is_shown_twice(
    database: SQLAlchemy, site: Site, cast: Cast
) -> None:
    zone = "Europe/Berlin"  # 25 October 2026: 03:00 becomes 02:00
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    sign(site, cast, "before", first)
    sign(site, cast, "after", first + timedelta(hours=1))
    steps = watching.steps(Span.HOUR, zone, first + timedelta(hours=5), cast.petition.id)
    twice = [step for step in steps if step.begins.astimezone(ZoneInfo(zone)).hour == 2]
    assert [step.created for step in twice if step.begins.day == 25] == [1, 1]


def test_what_happened_stays_told_whatever_became_of_it(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    one, two = (sign(site, cast, name, now - 2 * DAY) for name in ("one", "two"))
    signing.confirm(cast.petition, one, now - DAY)
    privacy.withdraw(one, now)
    expiry.expire([two], now)
    steps = watching.steps(Span.DAY, "UTC", now, cast.petition.id)
    assert [step.confirmed for step in steps[-3:]] == [0, 1, 0]
    assert (steps[-1].withdrawn, steps[-1].expired) == (1, 1)
    over_all = watching.steps(Span.DAY, "UTC", now)
    assert sum(step.withdrawn for step in over_all) == 1
