"""Trends: what is kept of how signatures arrive, for how long, and what reviewers see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, func, select

from petitions.domain import arrivals, privacy, signing
from petitions.domain.arrivals import Origin
from petitions.domain.mixed_scripts import mixes_scripts
from petitions.domain.site import Site
from petitions.models import Arrival, DayKey, Signature
from tests.domain.cast import Cast, form

Send = Callable[..., int]


@pytest.fixture
def send(site: Site, cast: Cast, database: SQLAlchemy, now: datetime) -> Send:
    """Sign from a network, and return the signature's id."""

    def do(email: str, network: str = "a" * 32, at: datetime = now) -> int:
        signing.sign(site, cast.petition, form(email), at, Origin(network))
        database.session.commit()
        newest = select(func.max(Signature.id))
        return database.session.execute(newest).scalar_one()

    return do


def kept(database: SQLAlchemy) -> int:
    return database.session.execute(select(func.count()).select_from(Arrival)).scalar_one()


def test_frequent_domains_are_named_and_rare_ones_stand_together(
    site: Site, cast: Cast, send: Send, now: datetime
) -> None:
    ids = [send(f"s{n}@mail.example", "b" * 32) for n in range(10)]
    send("one@smith.example")
    send("two@jones.example")
    signing.confirm(cast.petition, ids[0], now)
    seen = arrivals.trends(site, cast.petition.id, now)
    assert [(t.label, t.signatures, t.confirmed, t.pending) for t in seen.domains] == [
        ("mail.example", 10, 1, 9)
    ]
    assert seen.other_domains is not None
    assert (seen.other_domains.things, seen.other_domains.signatures) == (2, 2)
    assert [(t.key, t.signatures) for t in seen.networks] == [("b" * 16, 10), ("a" * 16, 2)]
    assert [trend.signatures for _, trend in seen.minutes] == [12]


def test_domain_is_not_kept_in_the_open(send: Send, database: SQLAlchemy) -> None:
    send("one@smith.example")
    row = database.session.execute(select(Arrival)).scalar_one()
    assert b"smith" not in bytes(row.domain_sealed)
    assert "smith" not in repr(row) + row.domain


def test_names_of_domains_end_with_the_key_of_their_day(
    site: Site, cast: Cast, send: Send, database: SQLAlchemy, now: datetime
) -> None:
    for n in range(10):
        send(f"s{n}@mail.example")
    database.session.execute(delete(DayKey))
    assert arrivals.trends(site, cast.petition.id, now).domains == []


def test_second_form_notes_nothing_of_the_stranger_who_sent_it(
    send: Send, database: SQLAlchemy, now: datetime
) -> None:
    send("ada@example.org", "a" * 32)
    send("ada@example.org", "b" * 32, now + timedelta(hours=1))
    assert database.session.execute(select(Arrival.network)).scalars().all() == ["a" * 16]
    database.session.execute(delete(Arrival))
    send("ada@example.org", "b" * 32, now + timedelta(days=3))
    assert kept(database) == 0


def test_all_is_gone_after_two_days_and_at_withdrawal(
    site: Site, cast: Cast, send: Send, database: SQLAlchemy, now: datetime
) -> None:
    withdrawn, _ = send("one@example.org"), send("two@example.org")
    privacy.withdraw(withdrawn, now)
    assert kept(database) == 1
    assert arrivals.forget_old(now + timedelta(hours=46)) == 0
    assert arrivals.forget_old(now + timedelta(hours=48)) == 1
    assert kept(database) == 0
    assert arrivals.trends(site, cast.petition.id, now + timedelta(hours=48)).signatures == 0


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("Anna Sigurðardóttir", False),
        ("Аnna Smith", True),  # a Cyrillic A
        ("Иван Smith", False),
        ("山田 アンナ子", False),
        ("김철수", False),
        ("Ωmega", True),
        ("အောင်ဆန်း", False),
        ("O’Brien-Íñez", False),
        ("", False),
    ],
)
def test_words_that_mix_scripts_are_told_from_names_in_two_scripts(name: str, mixed: bool) -> None:
    assert mixes_scripts(name) is mixed
