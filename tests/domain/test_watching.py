"""The numbers of now, and what happened by hour and by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, event, select

from petitions.domain import expiry, privacy, reviewing, signing, watching
from petitions.domain.site import Site
from petitions.domain.watching import Span
from petitions.models import ExpiredLately, Mail, MailKind, MailState, Signature
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


def test_days_begin_with_the_petition_and_none_with_a_signature_is_left_out(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    def days() -> int:
        steps = watching.steps(Span.DAY, "UTC", now, cast.petition.id)
        return len(watching.since_published(steps, cast.petition.id))

    assert days() == 7, "fewer are no picture"
    cast.petition.published_at = now - 20 * DAY
    database.session.flush()
    assert days() == 21
    sign(site, cast, "early", now - 30 * DAY)
    assert days() == 31
    cast.petition.published_at = now - 400 * DAY
    database.session.flush()
    assert days() == 60


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


def test_expired_signatures_are_told_by_hour_for_three_days(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    [one, two, three] = [sign(site, cast, name, now - 8 * DAY) for name in ("one", "two", "three")]
    expiry.expire([one], now - 4 * DAY)
    expiry.expire([two], now - timedelta(hours=2))
    expiry.expire([three], now - timedelta(hours=1))
    steps = watching.steps(Span.HOUR, "Asia/Kathmandu", now, cast.petition.id)
    assert [step.expired for step in steps[-3:]] == [1, 1, 0]
    kept = database.session.execute(select(ExpiredLately.begins_at).order_by("begins_at"))
    quarter = now.replace(minute=15, second=0, microsecond=0)  # 09:26
    assert list(kept.scalars()) == [quarter - timedelta(hours=2), quarter - timedelta(hours=1)]
    by_day = watching.steps(Span.DAY, "UTC", now)
    assert [step.expired for step in by_day[-5:]] == [1, 0, 0, 0, 2]


def test_mails_that_wait_are_told_by_when_they_were_queued(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for number in range(4):
        sign(site, cast, f"s{number}", now - timedelta(hours=2 + number))
    of_signing = Mail.kind == MailKind.SIGNING
    mails = database.session.execute(select(Mail).where(of_signing).order_by(Mail.id)).scalars()
    for mail, state in zip(mails, ["sent", "failed", "withheld"], strict=False):
        mail.state, mail.final_at, mail.address_sealed = MailState(state), now, None
    asked_for = database.session.execute(select(Mail).where(of_signing).order_by(Mail.id.desc()))
    last = asked_for.scalars().first()
    assert last is not None
    database.session.flush()
    for petition_id in (cast.petition.id, None):
        steps = watching.steps(Span.HOUR, "UTC", now, petition_id)
        assert [step.mail_waiting for step in steps[-6:]] == [1, 0, 0, 0, 0, 0]  # no reminder
        assert (steps[-1].mail_failed, steps[-1].mail_withheld) == (1, 1)
    last.kind, last.petition_id = MailKind.MY_SIGNATURE, None
    database.session.flush()
    assert sum(one.mail_waiting for one in watching.steps(Span.DAY, "UTC", now)) == 1
    one_petition = watching.steps(Span.DAY, "UTC", now, cast.petition.id)
    assert sum(one.mail_waiting for one in one_petition) == 0


def test_steps_are_counted_from_indexes_alone(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    """Without them a petition with 200,000 signatures took two seconds a page."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Connection, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM signature" in statement:
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    watching.steps(Span.DAY, "UTC", now, cast.petition.id)
    event.remove(database.engine, "before_cursor_execute", note)
    [(statement, parameters)] = asked
    connection = database.session.connection()
    plan_of = "EXPLAIN QUERY PLAN "
    if database.engine.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is all but empty
        plan_of = "EXPLAIN "
    rows = connection.exec_driver_sql(plan_of + statement, parameters)
    plan = "\n".join(str(row) for row in rows)
    for index in ("created", "confirmed_at", "set_aside_at", "withdrawn_at"):
        assert f"ix_signature_{index} " in plan, plan
    assert "ix_signature_state" not in plan
