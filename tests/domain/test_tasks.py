"""What is to be done first: each thing is found when it waits, and not before or after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, organiser_mail, signing, tasks
from petitions.domain.petition_versions import text_draft
from petitions.domain.site import Site
from petitions.models import (
    BuildState,
    BundleBuild,
    CaseUpdate,
    Mail,
    MailKind,
    MailState,
    Organisation,
    Organiser,
    Permission,
    PermissionGiver,
    PetitionState,
    Signature,
    UpdateKind,
)
from tests.domain.cast import Cast, form, publish

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("deadline_on", "days"),
    [
        (date(2026, 3, 13), None),
        (date(2026, 3, 14), 0),
        (date(2026, 3, 15), 1),
        (date(2026, 3, 21), 7),
        (date(2026, 3, 22), None),
        (None, None),
    ],
)
def test_deadline_is_near_within_a_week_and_no_more_when_it_is_past(
    deadline_on: date | None, days: int | None, site: Site, now: datetime
) -> None:
    publish(site, now, deadline_on=deadline_on)
    found = [closing.days for closing in tasks.closing_soon(tasks.standing(["en"], now))]
    assert found == ([] if days is None else [days])


def test_day_of_a_deadline_is_that_of_the_petitions_time_zone(site: Site, now: datetime) -> None:
    publish(site, now, deadline_on=date(2026, 3, 15))
    late = now.replace(hour=21, minute=30)  # the 15th has begun in Moscow
    [closing] = tasks.closing_soon(tasks.standing(["en"], late))
    assert closing.days == 0


def test_only_open_petitions_have_a_deadline_that_presses(site: Site, now: datetime) -> None:
    publish(site, now, deadline_on=date(2026, 3, 15), state=PetitionState.PAUSED)
    assert tasks.closing_soon(tasks.standing(["en"], now)) == []


def test_changes_of_a_published_petition_wait(cast: Cast, now: datetime) -> None:
    assert not tasks.standing(["en"], now).petitions[0].waits
    text_draft(cast.petition, 1, now)
    assert tasks.standing(["en"], now).petitions[0].waits


def test_update_waits_until_it_is_published(
    cast: Cast, now: datetime, database: SQLAlchemy
) -> None:
    update = CaseUpdate(case_id=cast.case.id, position=1, kind=UpdateKind.INITIAL)
    database.session.add(update)
    database.session.flush()
    assert tasks.drafts_of_updates() == [(cast.case.id, update.id)]
    update.published_at = now
    assert tasks.drafts_of_updates() == []


def test_case_waits_for_a_second_organiser_until_one_agrees(
    cast: Cast, now: datetime, database: SQLAlchemy
) -> None:
    permission = Permission(
        case_id=cast.case.id,
        given_by=PermissionGiver.NOBODY,
        covers_name=True,
        covers_picture=False,
        covers_place=False,
        covers_story=True,
        given_on=now.date(),
        reason="Nobody could be reached",
        recorded_by="Ann",
    )
    database.session.add(permission)
    database.session.flush()
    assert tasks.cases_waiting_for_a_second() == [cast.case.id]
    permission.second_organiser = "Bob"
    assert tasks.cases_waiting_for_a_second() == []


def test_mail_is_in_trouble_when_it_failed_or_waits_though_it_could_have_gone(
    cast: Cast, site: Site, now: datetime, database: SQLAlchemy
) -> None:
    bob = Organiser(email="b@example.org", fs_uniquifier="k", created_at=now)
    database.session.add(bob)
    database.session.flush()
    signing.sign(site, cast.petition, form(), now)
    organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, bob, now)
    assert tasks.mail_trouble(now) == tasks.MailTrouble(0, 0, 0)
    assert tasks.mail_trouble(now + timedelta(minutes=16)) == tasks.MailTrouble(0, 2, 0)
    for mail in database.session.execute(select(Mail)).scalars():
        if mail.kind is MailKind.REMINDER:
            database.session.delete(mail)
            continue
        mail.state, mail.address_sealed, mail.final_at = MailState.FAILED, None, now
    assert tasks.mail_trouble(now + timedelta(days=6)) == tasks.MailTrouble(2, 0, 1)
    assert tasks.mail_trouble(now + timedelta(days=8)) == tasks.MailTrouble(0, 0, 0)


def test_builds_are_told_while_they_wait_or_run(
    cast: Cast, now: datetime, database: SQLAlchemy
) -> None:
    bob = Organiser(email="b@example.org", fs_uniquifier="k", created_at=now)
    database.session.add(bob)
    database.session.flush()
    build = BundleBuild(
        petition_id=cast.petition.id,
        requested_by=bob.id,
        requested_at=now,
        state=BuildState.RUNNING,
    )
    database.session.add(build)
    database.session.flush()
    assert tasks.builds_running() == [build]
    build.state, build.finished_at = BuildState.DONE, now
    assert tasks.builds_running() == []


def test_numbers_of_today_begin_at_the_organisations_midnight(
    cast: Cast, site: Site, now: datetime, database: SQLAlchemy
) -> None:
    organisation = database.session.get(Organisation, 1)
    assert organisation is not None
    organisation.time_zone = "Asia/Tashkent"  # midnight is 19:00 UTC of the day before
    before, after = now.replace(hour=18), now.replace(hour=20)
    signing.sign(site, cast.petition, form("one@example.org"), before)
    signing.sign(site, cast.petition, form("two@example.org"), after)
    ids = list(database.session.execute(select(Signature.id).order_by(Signature.id)).scalars())
    signing.confirm(cast.petition, ids[0], after)
    standing = tasks.standing(["en"], after + timedelta(minutes=5))
    [numbers] = tasks.numbers_today(standing)
    assert (numbers.created_today, numbers.confirmed_today) == (1, 1)
    assert (numbers.row.confirmed, numbers.row.pending) == (1, 1)
    [numbers] = tasks.numbers_today(replace(standing, now=before))
    assert (numbers.created_today, numbers.confirmed_today) == (2, 1)


def test_what_was_done_lately_is_told_as_far_as_it_concerns_the_reader(now: datetime) -> None:
    for action, subject in (
        ("petition opened", "petition 1"),
        ("bundle frozen", "anna-b-1"),
        ("signature set aside", "signature 9"),
        ("organiser blocked", "organiser 2"),
        ("organisation changed", "organisation"),
        ("signed in", "organiser 1"),
        ("refused", "organiser 1"),
    ):
        audit.record("organiser 1", action, subject, {}, now)

    def told(*, signers: bool, everything: bool) -> list[str]:
        found = tasks.recent(9, sees_signers=signers, reads_all=everything)
        return [entry.subject for entry in found]

    assert told(signers=False, everything=False) == ["organisation", "anna-b-1", "petition 1"]
    assert "signature 9" in told(signers=True, everything=False)
    assert "organiser 2" not in told(signers=True, everything=False)
    assert "organiser 2" in told(signers=True, everything=True)
    assert "organiser 1" not in told(signers=True, everything=True)
    assert len(tasks.recent(2, sees_signers=True, reads_all=True)) == 2
