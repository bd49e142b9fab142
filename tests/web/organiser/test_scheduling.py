"""Setting a time of publication in the console: asked for, shown in lists, changed, called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from petitions.domain.case_updates import Written, add_update
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_waiting import shown_drafts
from petitions.domain.planned import plans
from petitions.models import Organisation, Permission, Role, UpdateKind
from petitions.worker.scheduling import ScheduleStep
from tests.domain.petition_cast import Draft, draft

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., Any]


@pytest.fixture
def ready(database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Draft:
    made = draft(site, now)
    database.session.get_one(Organisation, 1).time_zone = "Asia/Tashkent"
    database.session.commit()
    return made


@pytest.fixture
def olga(ready: Draft, signed_in: SignedIn) -> Any:
    return signed_in(Role.CAMPAIGNER, name="Olga")


def at(made: Draft) -> str:
    return f"/organiser/schedule/petitions/{made.petition.id}"


def day_after(now: datetime, days: int = 3) -> str:
    return (now + timedelta(days=days)).date().isoformat()


def sets(client: Any, made: Draft, on: str, clock: str = "06:30") -> Any:
    seen = fingerprint(shown_drafts(made.petition.id))
    return client.post_form(at(made), {"on": on, "clock": clock, "seen": seen})


def test_time_is_set_on_the_clocks_of_the_organisation(
    ready: Draft, olga: Any, now: datetime
) -> None:
    page = olga.get(at(ready)).text
    assert "UTC+05:00" in page
    answer = sets(olga, ready, day_after(now))
    assert answer.status_code == 303
    shown = olga.get(answer.location).text
    assert "06:30 (UTC+05:00)" in shown
    assert "Change the time, or call it off" in shown
    [plan] = plans()
    assert (plan.at.hour, plan.at.minute) == (1, 30)
    assert "to be published on" in olga.get("/organiser/petitions/").text
    assert "petition, to be published on" in olga.get("/organiser/").text


def test_what_was_typed_is_kept_where_it_is_refused(ready: Draft, olga: Any) -> None:
    answer = sets(olga, ready, "2001-01-01")
    assert answer.status_code == 422
    assert "This time is past" in answer.text
    assert 'value="2001-01-01"' in answer.text
    assert 'value="06:30"' in answer.text
    answer = sets(olga, ready, "tomorrow", "half past six")
    assert 'value="tomorrow"' in answer.text
    assert 'value="half past six"' in answer.text
    assert plans() == []


def test_hour_that_clocks_skip_is_refused(
    database: SQLAlchemy, ready: Draft, olga: Any, now: datetime
) -> None:
    database.session.get_one(Organisation, 1).time_zone = "Europe/Paris"
    database.session.commit()
    year = now.year if now.month < 3 else now.year + 1
    sunday = max(day for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    answer = sets(olga, ready, f"{year}-03-{sunday}", "02:30")
    assert answer.status_code == 422
    assert "Clocks skip this time" in answer.text


def test_time_is_changed_and_called_off(ready: Draft, olga: Any, now: datetime) -> None:
    sets(olga, ready, day_after(now))
    assert 'value="06:30"' in olga.get(at(ready)).text
    sets(olga, ready, day_after(now, 5), "18:00")
    [plan] = plans()
    assert plan.at.hour == 13
    answer = olga.post_form(f"{at(ready)}/call-off")
    assert answer.status_code == 303
    assert plans() == []
    answer = olga.post_form(f"{at(ready)}/call-off", follow_redirects=True)
    assert "No time is set any more" in answer.text


def test_only_whoever_may_publish_sets_a_time(
    ready: Draft, signed_in: SignedIn, now: datetime
) -> None:
    for role in (Role.TRANSLATOR, Role.REVIEWER, Role.DELIVERER):
        client = signed_in(role)
        assert client.get(at(ready)).status_code == 403
        assert sets(client, ready, day_after(now)).status_code == 403
    assert plans() == []


def test_what_is_missing_is_told_and_stands_on_the_first_page(
    app: Any, database: SQLAlchemy, ready: Draft, olga: Any, now: datetime
) -> None:
    sets(olga, ready, day_after(now))
    database.session.execute(database.delete(Permission))
    database.session.commit()
    assert "It would not be published" in olga.get("/organiser/").text
    step = ScheduleStep(app)
    when = plans()[0].at
    database.session.rollback()
    step.take(when)
    assert "Its time came, and it was not published" in olga.get("/organiser/").text
    assert "not published at its time" in olga.get("/organiser/petitions/").text
    answer = sets(olga, ready, day_after(now, 9))
    assert answer.status_code == 422
    assert "permission" in answer.text


def test_update_is_given_a_time_and_shown_in_its_case(
    database: SQLAlchemy, ready: Draft, olga: Any, now: datetime
) -> None:
    words = Written(UpdateKind.FURTHER, "", now.date(), None, "She was seen", "In Osh.")
    update = add_update(ready.case.id, words, ready.organiser, now)
    database.session.commit()
    page = f"/organiser/schedule/updates/{ready.case.id}/{update.id}"
    seen = olga.get(page).text.split('name="seen" type="hidden" value="')[1].split('"')[0]
    sent = {"on": day_after(now), "clock": "06:30", "seen": seen}
    answer = olga.post_form(page, sent)
    assert answer.status_code == 303
    assert "To be published on" in olga.get(answer.location).text
    assert "to be published on" in olga.get(f"/organiser/cases/{ready.case.id}").text
    assert olga.post_form(page, {**sent, "seen": "other"}).status_code == 409
    assert olga.post_form(f"{page}/call-off").status_code == 303
    assert plans() == []
