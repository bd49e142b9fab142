"""What gives way under heavy load: numbers that slow, and say since when; and who switched."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit, relief, signing
from petitions.domain.counting import (
    confirmed_numbers,
    numbers_of,
    public_confirmed_numbers,
    public_numbers_of,
)
from petitions.domain.relief import Lane
from petitions.domain.site import Site
from petitions.worker.tallies import TallyStep
from tests.domain.cast import Cast, form


def confirm(site: Site, cast: Cast, number: int, now: datetime) -> None:
    signing.sign(site, cast.petition, form(f"s{number}@example.org"), now)
    signing.confirm(cast.petition, number, now)


def test_public_number_waits_for_the_minute_and_never_falls(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    petition = cast.petition.id
    confirm(site, cast, 1, now)
    assert relief.switch_on(Lane.NUMBERS, "command", now)
    assert public_numbers_of(petition).confirmed == 1, "what was shown is not taken back"
    confirm(site, cast, 2, now)
    database.session.commit()
    assert public_numbers_of(petition).confirmed == public_confirmed_numbers()[petition] == 1
    assert numbers_of(petition).confirmed == confirmed_numbers()[petition] == 2
    database.session.rollback()
    step = TallyStep(app, "one")
    step.take(now + timedelta(seconds=30))
    assert public_numbers_of(petition).confirmed == 1
    assert relief.numbers_counted_at() == now
    database.session.rollback()
    at = now + relief.COUNTED_EVERY
    step.take(at)
    assert public_numbers_of(petition).confirmed == 2
    assert relief.numbers_counted_at() == at


def test_number_is_exact_again_once_it_is_switched_back(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    relief.switch_on(Lane.NUMBERS, "command", now)
    confirm(site, cast, 1, now)
    assert public_numbers_of(cast.petition.id).confirmed == 0
    assert relief.switch_off(Lane.NUMBERS, "command", now)
    assert public_numbers_of(cast.petition.id).confirmed == 1
    assert relief.numbers_counted_at() is None


def test_switching_leaves_one_trace_and_repeating_it_none(
    database: SQLAlchemy, now: datetime
) -> None:
    assert [relief.switch_on(Lane.NEWS, "organiser 1", now) for _ in range(2)] == [True, False]
    assert list(relief.in_force()) == [Lane.NEWS]
    assert [relief.switch_off(Lane.NEWS, "organiser 1", now) for _ in range(2)] == [True, False]
    assert relief.in_force() == {}
    told = [(entry.action, entry.detail) for entry in audit.entries()]
    assert told == [
        (relief.SWITCHED_ON, '{"what": "news"}'),
        (relief.SWITCHED_OFF, '{"what": "news"}'),
    ]
