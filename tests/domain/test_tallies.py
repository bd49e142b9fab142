"""Sums of confirmed signatures: exact whatever happens, added up once, held against the rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from petitions.domain import tallies
from petitions.domain.counting import confirmed_numbers, numbers_of
from petitions.domain.leading import done_until, take_lead
from petitions.domain.signing import sign
from petitions.domain.site import Site
from petitions.models import (
    Lease,
    Organiser,
    Signature,
    SignatureState,
    Tally,
    TallyChange,
    Verification,
)
from petitions.worker.tallies import TallyStep
from tests.domain.cast import Cast, form

GONE = {"address_sealed": None, "withdrawn_at": None}
STATES: dict[str, dict[str, object]] = {
    "confirm": {"state": "confirmed", "confirmed_at": "now"} | GONE,
    "confirm another day": {"state": "confirmed", "confirmed_at": "later"} | GONE,
    "withdraw": {"state": "withdrawn"} | GONE | {"withdrawn_at": "now"},
    "attest": {"verified_by": "attested", "attested_by": "organiser"},
    "confirm by mail": {"verified_by": "e-mail", "attested_by": None},
    "move": {"country": "FI"},
    "touch": {"late": True},
}
MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([*STATES, "add up", "delete"])), max_size=14
)


def counted_rows(petition_id: int, how: Verification) -> int:
    from petitions.extensions import db

    query = select(func.count()).where(
        Signature.petition_id == petition_id,
        Signature.state == SignatureState.CONFIRMED,
        Signature.verified_by == how,
    )
    return db.session.execute(query).scalar_one()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES)
def test_numbers_are_those_of_the_rows_whatever_happens(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, moves: list[tuple[int, str]]
) -> None:
    try:
        live(database, site, cast, now, moves)
    finally:
        database.session.rollback()


def live(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, moves: list[tuple[int, str]]
) -> None:
    people = [form(f"p{number}@example.org") for number in range(4)]
    for person in people:
        sign(site, cast.petition, person, now)
    organiser = Organiser(email="o@example.org", fs_uniquifier="o", created_at=now)
    database.session.add(organiser)
    database.session.flush()
    ids = list(database.session.execute(select(Signature.id).order_by(Signature.id)).scalars())
    words = {"now": now, "later": now + timedelta(days=2), "organiser": organiser.id}
    for who, move in moves:
        this = Signature.id == ids[who]
        if move == "add up":
            tallies.add_up(most=3)
        elif move == "delete":
            for table in ("arrival", "mail"):
                mine = text(f"DELETE FROM {table} WHERE signature_id = :id")
                database.session.execute(mine, {"id": ids[who]})
            database.session.execute(delete(Signature).where(this))
        else:
            values = {k: words.get(str(v), v) for k, v in STATES[move].items()}
            if move == "withdraw":
                this = this & (Signature.state != SignatureState.WITHDRAWN)
            database.session.execute(update(Signature).where(this).values(values))
        numbers = numbers_of(cast.petition.id)
        assert numbers.confirmed == counted_rows(cast.petition.id, Verification.EMAIL)
        assert numbers.attested == counted_rows(cast.petition.id, Verification.ATTESTED)
        assert confirmed_numbers().get(cast.petition.id, 0) == numbers.confirmed
        assert tallies.wrong_sums() == 0


def test_a_sum_that_is_wrong_is_found_and_counted_anew(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    sign(site, cast.petition, form("a@example.org"), now)
    database.session.execute(
        update(Signature).values(GONE | {"state": "confirmed", "confirmed_at": now})
    )
    database.session.commit()
    step = TallyStep(app, "one")
    assert not step.take(now)
    database.session.execute(update(Tally).values(number=41))
    database.session.commit()
    assert numbers_of(cast.petition.id).confirmed == 41
    database.session.rollback()
    assert not step.take(now + timedelta(seconds=3))
    assert numbers_of(cast.petition.id).confirmed == 41  # it is not night yet
    database.session.rollback()
    assert not step.take(tallies.next_check(now))
    assert numbers_of(cast.petition.id).confirmed == 1
    assert database.session.execute(select(func.count()).select_from(TallyChange)).scalar() == 0


def test_one_worker_leads_until_its_lease_is_over(database: SQLAlchemy, now: datetime) -> None:
    long = timedelta(seconds=15)
    assert take_lead("work", "one", now, long)
    assert not take_lead("work", "two", now + timedelta(seconds=14), long)
    assert take_lead("work", "one", now + timedelta(seconds=14), long)
    assert not take_lead("work", "two", now + timedelta(seconds=20), long)
    assert take_lead("work", "two", now + timedelta(seconds=30), long)
    done_until("work", "one", now + timedelta(days=1))  # it leads no more: nothing happens
    assert database.session.get_one(Lease, "work").until == now + timedelta(seconds=45)
    done_until("work", "two", now + timedelta(days=1))
    assert not take_lead("work", "two", now + timedelta(hours=23), long)


@pytest.mark.parametrize("name", ["signature_inserted", "signature_deleted", "signature_changed"])
def test_the_database_itself_notes_what_counts(database: SQLAlchemy, name: str) -> None:
    """A migration that makes the table anew, as batches on SQLite do, drops its triggers."""
    where = "sqlite_master WHERE type = 'trigger' AND name = :name"
    if database.engine.dialect.name == "postgresql":
        where = "pg_trigger WHERE tgname = :name"
    query = text(f"SELECT count(*) FROM {where}")
    assert database.session.execute(query, {"name": name}).scalar() == 1
