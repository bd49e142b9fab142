"""Publication at a set time: asked for whole, done by the worker, stopped and told where it lacks
something by then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast as typed

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, scheduling
from petitions.domain.case_update_publishing import shown_update
from petitions.domain.case_updates import Written, add_update, discard_update
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_waiting import shown_drafts
from petitions.domain.planned import plan_of, plans
from petitions.domain.publishing import Incomplete, publish
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, Refused, TransitionRefused
from petitions.extensions import db
from petitions.models import (
    CaseUpdate,
    Mail,
    MailKind,
    Organisation,
    Organiser,
    OrganiserRole,
    Permission,
    PetitionState,
    Role,
    UpdateKind,
)
from petitions.worker.scheduling import ScheduleStep
from tests.domain.petition_cast import Draft, draft, organiser, write

IN_A_DAY = timedelta(days=1)


@pytest.fixture
def site(app: Flask) -> Site:
    return typed(Site, app.extensions["petitions"])


@pytest.fixture
def ready(database: SQLAlchemy, site: Site, now: datetime) -> Draft:
    return draft(site, now)


@pytest.fixture
def petra(ready: Draft, now: datetime) -> Organiser:
    """Publishes what others wrote."""
    row = organiser("petra", now)
    db.session.add(OrganiserRole(organiser_id=row.id, role=Role.CAMPAIGNER))
    db.session.commit()
    return row


def seen(made: Draft) -> str:
    return fingerprint(shown_drafts(made.petition.id))


def scheduled(made: Draft, who: Organiser, now: datetime, after: timedelta = IN_A_DAY) -> None:
    scheduling.schedule_petition(made.petition.id, now + after, who, now, seen=seen(made))
    db.session.commit()


def works(app: Flask, now: datetime) -> None:
    step = ScheduleStep(app)
    while step.take(now):
        pass
    db.session.rollback()
    db.session.expire_all()


def told(kind: MailKind = MailKind.SCHEDULE_STOPPED) -> list[int | None]:
    query = select(Mail.organiser_id).where(Mail.kind == kind).order_by(Mail.organiser_id)
    return list(db.session.execute(query).scalars())


def deeds(subject: str) -> list[tuple[str, str]]:
    return [(one.actor, one.action) for one in audit.entries() if one.subject == subject]


def test_petition_opens_at_its_time_and_not_before(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    scheduled(ready, petra, now)
    works(app, now + IN_A_DAY - timedelta(seconds=1))
    assert ready.petition.state is PetitionState.DRAFT
    works(app, now + IN_A_DAY)
    assert ready.petition.state is PetitionState.OPEN
    assert (ready.petition.published_at, ready.case.published_at) == (now + IN_A_DAY,) * 2
    assert plans() == []
    subject, who = f"petition {ready.petition.id}", f"organiser {petra.id}"
    assert deeds(subject)[-3:] == [
        (who, "publication scheduled"),
        ("worker", "published as scheduled"),
        (who, "petition opened"),
    ]
    newest = [one for one in audit.entries() if one.action == "published as scheduled"]
    assert f'"scheduled_by": "{who}"' in newest[0].detail
    assert told() == []


def test_time_is_set_only_for_what_could_be_published_then(
    ready: Draft, petra: Organiser, now: datetime
) -> None:
    petition = ready.petition
    with pytest.raises(Refused, match="at past"):
        scheduled(ready, petra, now, timedelta())
    with pytest.raises(Refused, match="at far"):
        scheduled(ready, petra, now, timedelta(days=367))
    with pytest.raises(ChangedMeanwhile):
        scheduling.schedule_petition(petition.id, now + IN_A_DAY, petra, now, seen="missing")
    petition.deadline_on = (now + timedelta(days=2)).date()
    db.session.commit()
    with pytest.raises(Incomplete):
        scheduled(ready, petra, now, timedelta(days=9))
    scheduled(ready, petra, now)
    publish(petition, petra, now)
    assert plan_of(petition_id=petition.id) is None
    with pytest.raises(TransitionRefused):
        scheduled(ready, petra, now)


def test_scheduling_is_publishing_where_authors_do_not_publish(
    ready: Draft, petra: Organiser, now: datetime
) -> None:
    db.session.get_one(Organisation, 1).authors_publish = False
    db.session.commit()
    with pytest.raises(Refused, match="own text"):
        scheduled(ready, ready.organiser, now)
    scheduled(ready, petra, now)
    assert scheduling.outlook(plans()[0]) == ""


def test_what_is_missing_by_then_stops_it_and_whoever_set_the_time_is_told(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    scheduled(ready, petra, now)
    db.session.execute(db.delete(Permission))
    db.session.commit()
    assert scheduling.outlook(plans()[0]) == "incomplete"
    works(app, now + IN_A_DAY)
    works(app, now + 2 * IN_A_DAY)
    assert ready.petition.state is PetitionState.DRAFT
    assert ready.case.published_at is None
    assert [plan.stopped_why for plan in plans()] == ["incomplete"]
    assert told() == [petra.id]
    assert deeds(f"petition {ready.petition.id}")[-1] == ("worker", "scheduled publication stopped")


def test_words_changed_since_are_not_published_unseen(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    scheduled(ready, petra, now)
    write(ready.petition, ready.organiser, now, title="Another title")
    db.session.commit()
    assert scheduling.outlook(plans()[0]) == "changed"
    works(app, now + IN_A_DAY)
    assert ready.petition.state is PetitionState.DRAFT
    later = now + IN_A_DAY
    scheduled(ready, petra, later)
    works(app, later + IN_A_DAY)
    assert ready.petition.state is PetitionState.OPEN


def test_nothing_is_published_in_the_name_of_one_who_may_no_more(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    other = organiser("other", now)
    db.session.add(OrganiserRole(organiser_id=other.id, role=Role.ADMIN))
    scheduled(ready, petra, now)
    petra.active = False
    db.session.commit()
    works(app, now + IN_A_DAY)
    assert ready.petition.state is PetitionState.DRAFT
    assert [plan.stopped_why for plan in plans()] == ["no right any more"]
    assert told() == [other.id]


def test_nothing_is_published_for_one_who_reaches_the_case_no_more(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    scheduled(ready, petra, now)
    petra.only_chosen_cases = True
    db.session.commit()
    works(app, now + IN_A_DAY)
    assert ready.petition.state is PetitionState.DRAFT
    assert [plan.stopped_why for plan in plans()] == ["no right any more"]


def test_time_called_off_publishes_nothing(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    scheduled(ready, petra, now)
    subject = f"petition {ready.petition.id}"
    scheduling.call_off(subject, petra, now, petition_id=ready.petition.id)
    db.session.commit()
    works(app, now + IN_A_DAY)
    assert ready.petition.state is PetitionState.DRAFT
    assert deeds(subject)[-1] == (f"organiser {petra.id}", "publication called off")
    with pytest.raises(Refused, match="not scheduled"):
        scheduling.call_off(subject, petra, now, petition_id=ready.petition.id)


def an_update(made: Draft, now: datetime, deadline: date | None = None) -> CaseUpdate:
    words = Written(UpdateKind.FURTHER, "", now.date(), deadline, "She was seen", "In Osh.")
    return add_update(made.case.id, words, made.organiser, now)


def at_once(
    made: Draft, update: CaseUpdate, who: Organiser, now: datetime, *, move: bool = False
) -> None:
    scheduling.schedule_update(
        made.case.id,
        update.id,
        now + IN_A_DAY,
        who,
        now,
        seen=fingerprint(shown_update(update)),
        move_deadline=move,
    )
    db.session.commit()


def test_update_is_published_at_its_time_and_moves_the_deadline(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    publish(ready.petition, petra, now)
    day = (now + timedelta(days=40)).date()
    update = an_update(ready, now, day)
    at_once(ready, update, petra, now, move=True)
    works(app, now + IN_A_DAY)
    assert update.published_at == now + IN_A_DAY
    assert ready.petition.deadline_on == day
    assert plans() == []


def test_new_deadline_that_is_past_by_then_stops_the_update(
    app: Flask, ready: Draft, petra: Organiser, now: datetime
) -> None:
    publish(ready.petition, petra, now)
    update = an_update(ready, now, now.date() - timedelta(days=1))
    at_once(ready, update, petra, now, move=True)
    works(app, now + IN_A_DAY)
    assert update.published_at is None
    assert [plan.stopped_why for plan in plans()] == ["deadline past"]


def test_discarded_update_takes_its_time_with_it(
    ready: Draft, petra: Organiser, now: datetime
) -> None:
    update = an_update(ready, now)
    at_once(ready, update, petra, now)
    discard_update(ready.case.id, update.id, "organiser 1", now)
    db.session.expire_all()
    assert plans() == []
