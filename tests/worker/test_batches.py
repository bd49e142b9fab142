"""Setting aside in bulk: what is meant, what becomes of it, and putting exactly that back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import arrivals, audit, bulk, bulk_work, privacy, reviewing, signing
from petitions.domain.arrivals import Origin
from petitions.domain.conditions import Condition
from petitions.domain.counting import numbers_of
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.models import (
    AuditEntry,
    BatchState,
    Organiser,
    SetAsideAddress,
    SetAsideBatch,
    Signature,
    SignatureState,
)
from petitions.worker.batches import BatchStep
from tests.domain.cast import Cast, form, publish

BAD = Condition(network="b" * 16)


@pytest.fixture
def site(app: Flask) -> Site:
    found: Site = app.extensions["petitions"]
    return found


@pytest.fixture
def cast(database: SQLAlchemy, site: Site, now: datetime) -> Cast:
    made = publish(site, now)
    database.session.add(
        Organiser(id=1, email="o@example.org", name="O", password="x", fs_uniquifier="x",
                  created_at=now)
    )  # fmt: skip
    database.session.commit()
    return made


@pytest.fixture
def sign(site: Site, cast: Cast, database: SQLAlchemy, now: datetime) -> Callable[..., int]:
    """Sign; return the signature's id."""

    def do(who: str, *, network: str = "b" * 32, confirm: bool = False, **typed: Any) -> int:
        signing.sign(site, cast.petition, form(f"{who}@example.org", **typed), now, Origin(network))
        newest = select(Signature.id).order_by(Signature.id.desc()).limit(1)
        signature_id: int = database.session.execute(newest).scalar_one()
        if confirm:
            signing.confirm(cast.petition, signature_id, now)
        database.session.commit()
        return signature_id

    return do


@pytest.fixture
def ask(site: Site, cast: Cast, database: SQLAlchemy, now: datetime) -> Callable[..., int]:
    """Ask for a batch as the console does, after a preview; return its number."""

    def do(condition: Condition = BAD) -> int:
        seen = bulk.preview(site, cast.petition, condition)
        batch, _ = bulk.request(
            site, cast.petition, condition, ground="automatic", reason="they are bots",
            last_seen=seen.last_seen, organiser_id=1, now=now,
        )  # fmt: skip
        database.session.commit()
        return batch.id

    return do


@pytest.fixture
def work(app: Flask, database: SQLAlchemy, now: datetime) -> Callable[..., None]:
    """Let a worker go on until nothing is left."""

    def do(at: datetime = now) -> None:
        database.session.rollback()  # what the test has read must not be what it writes on
        step = BatchStep(app)
        while step.take(at):
            pass

    return do


def everything(database: SQLAlchemy) -> list[tuple[Any, ...]]:
    """All rows of signatures, column by column."""
    rows = database.session.execute(select(Signature.__table__).order_by(Signature.id))
    return [tuple(row) for row in rows]


def states(database: SQLAlchemy) -> dict[int, SignatureState]:
    rows = database.session.execute(select(Signature.id, Signature.state))
    return {row.id: row.state for row in rows}


def test_condition_sets_aside_what_fits_and_undo_gives_it_back_as_it_was(
    *, site: Site, cast: Cast, database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime
) -> None:
    confirmed, pending = sign("one", confirm=True), sign("two")
    news, other = sign("three", news=True, confirm=True), sign("four", network="a" * 32)
    before = everything(database)
    number = ask()
    late = sign("late")
    work()
    aside = SignatureState.SET_ASIDE
    assert {i for i, state in states(database).items() if state is aside} == {
        confirmed, pending, news,
    }  # fmt: skip
    assert states(database)[other] is states(database)[late] is SignatureState.PENDING
    assert numbers_of(cast.petition.id).confirmed == 0
    batch = bulk.batch_numbered(number)
    assert (batch.state, batch.moved, batch.total) == (BatchState.DONE, 3, 3)
    bulk.undo(site, batch, reason="people after all", organiser_id=1, now=now)
    database.session.commit()
    work()
    assert everything(database)[:4] == before
    assert bulk.batch_numbered(number).put_back == 3
    assert database.session.execute(select(SetAsideAddress)).first() is None


def test_undo_leaves_alone_what_others_did_meanwhile(
    *, site: Site, cast: Cast, database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime
) -> None:
    before, caught, back = sign("before"), sign("caught"), sign("back")
    facts: dict[str, Any] = {"reason": "x", "actor": "organiser 1", "now": now}
    reviewing.set_aside(site, cast.petition, [before], ground="twice", **facts)
    number = ask()
    work()
    reviewing.put_back(site, cast.petition, [back], **facts)
    reviewing.set_aside(site, cast.petition, [back], ground="twice", **facts)
    signing.confirm(cast.petition, caught, now)
    batch = bulk.batch_numbered(number)
    bulk.undo(site, batch, reason="a mistake", organiser_id=1, now=now)
    database.session.commit()
    work()
    found = states(database)
    assert (found[before], found[back]) == (SignatureState.SET_ASIDE, SignatureState.SET_ASIDE)
    assert found[caught] is SignatureState.CONFIRMED, "its signer confirmed meanwhile"


def test_killed_worker_leaves_nothing_half_done_and_any_other_goes_on(
    *, site: Site, database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bulk_work, "WINDOW", 2)
    for n in range(5):
        sign(f"s{n}")
    number = ask()
    part = bulk_work.next_part(site)
    assert part is not None
    bulk_work.do_part(site, part, now)
    database.session.rollback()  # killed before its commit
    assert bulk.batch_numbered(number).moved == 0
    bulk_work.do_part(site, part, now)
    database.session.commit()
    assert bulk_work.do_part(site, part, now) is False, "a second worker with the same part"
    database.session.rollback()
    assert bulk.batch_numbered(number).moved == 2
    work()
    batch = bulk.batch_numbered(number)
    assert (batch.state, batch.moved) == (BatchState.DONE, 5)


def test_part_that_goes_wrong_three_times_ends_its_batch_and_no_other(
    *, database: SQLAlchemy, sign: Any, ask: Any, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign("one")
    number = ask()

    def wrong(*_: object) -> int:
        raise ValueError("one person's name")

    with monkeypatch.context() as patch:
        patch.setattr(bulk_work, "_set_aside", wrong)
        work()
    assert bulk.batch_numbered(number).state is BatchState.FAILED


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        (Condition(), "empty condition"),
        (Condition(state=SignatureState.CONFIRMED), "empty condition"),
        (replace(BAD, network="c" * 16), "nothing fits"),
    ],
)
def test_condition_that_means_everybody_or_nobody_is_refused(
    sign: Any, ask: Any, database: SQLAlchemy, condition: Condition, word: str
) -> None:
    sign("one")
    with pytest.raises(Refused, match=word):
        ask(condition)
    assert database.session.execute(select(SetAsideBatch)).first() is None


def test_each_part_of_a_condition_narrows_it(
    site: Site, cast: Cast, sign: Any, now: datetime
) -> None:
    sign("one", country="FR", confirm=True)
    sign("two", country="DE", name="Аnna Smith")  # a Cyrillic A
    sign("three", country="DE", network="a" * 32)

    def total(**said: Any) -> int:
        return bulk.preview(site, cast.petition, Condition(**said)).total

    assert total(country="DE") == 2
    assert total(country="DE", network="b" * 16) == 1
    assert total(domain="EXAMPLE.org".lower()) == 3
    assert total(domain="other.example") == 0
    assert total(mixed=True) == 1
    assert total(country="FR", state=SignatureState.PENDING) == 0
    assert total(since=now, until=now + timedelta(minutes=1)) == 3
    assert total(since=now + timedelta(minutes=1)) == 0
    assert total(language="ru") == 0


def test_attested_ones_are_never_meant(
    site: Site, cast: Cast, database: SQLAlchemy, sign: Any, now: datetime
) -> None:
    number = sign("one", country="FR")
    reviewing.attest(site, number, organiser_id=1, reason="by phone", actor="organiser 1", now=now)
    database.session.commit()
    assert bulk.preview(site, cast.petition, Condition(country="FR")).total == 0


def test_trail_tells_what_was_done_without_network_or_domain(
    database: SQLAlchemy, sign: Any, ask: Any, work: Any
) -> None:
    sign("one")
    ask(Condition(network="b" * 16, domain="example.org", country="GB"))
    work()
    told = database.session.execute(
        select(AuditEntry).where(AuditEntry.subject.startswith("batch"))
    ).scalars().all()  # fmt: skip
    assert [entry.action for entry in told] == ["set aside in bulk: asked for", "set aside in bulk"]
    assert told[0].reason_sealed is not None
    assert all("example.org" not in entry.detail and "bbbb" not in entry.detail for entry in told)


def test_origins_in_a_condition_are_forgotten_after_two_days(
    database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime
) -> None:
    sign("one")
    number = ask(Condition(network="b" * 16, country="GB"))
    work()
    assert bulk.forget_origins(now + timedelta(hours=49)) == 1
    assert bulk.forget_origins(now + timedelta(hours=49)) == 0
    kept = bulk.batch_numbered(number).condition
    assert (kept["network"], kept["domain"], kept["country"]) == ("forgotten", "", "GB")


def test_same_request_twice_is_one_batch(ask: Any, sign: Any) -> None:
    sign("one")
    assert ask() == ask()


def test_trends_follow_what_was_set_aside(
    *, site: Site, cast: Cast, sign: Any, ask: Any, work: Any, now: datetime
) -> None:
    sign("one")
    ask()
    work()
    (trend,) = arrivals.trends(site, cast.petition.id, now).networks
    assert (trend.signatures, trend.set_aside, trend.pending) == (1, 1, 0)


def reasons_left(database: SQLAlchemy) -> int:
    """How many entries about batches have their reason beside them."""
    kept = AuditEntry.subject.startswith("batch") & AuditEntry.reason_sealed.is_not(None)
    return len(database.session.execute(select(AuditEntry.id).where(kept)).all())


@pytest.mark.parametrize("was", ["set aside", "put back alone", "put back with its batch"])
def test_erasing_one_of_a_batch_wipes_what_was_written_about_it(
    *, site: Site, cast: Cast, database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime,
    was: str,
) -> None:  # fmt: skip
    one = sign("one")
    number = ask()
    work()
    if was == "put back alone":
        facts: dict[str, Any] = {"reason": "x", "actor": "organiser 1", "now": now}
        reviewing.put_back(site, cast.petition, [one], **facts)
    elif was == "put back with its batch":
        batch = bulk.batch_numbered(number)
        bulk.undo(site, batch, reason="Ann is real", organiser_id=1, now=now)
        database.session.commit()
        work()
    assert reasons_left(database) > 0
    privacy.erase(one, now)
    assert reasons_left(database) == 0
    assert audit.check().broken is None, "the entries themselves stand"


def test_erasing_somebody_whom_no_batch_held_wipes_no_batchs_reason(
    *, database: SQLAlchemy, sign: Any, ask: Any, work: Any, now: datetime
) -> None:
    sign("one")
    spared = sign("two", network="a" * 32)
    ask()
    late = sign("three")
    work()
    privacy.erase(spared, now)
    privacy.erase(late, now)
    assert reasons_left(database) == 1


def test_no_more_names_are_opened_than_somebody_waits_for(
    site: Site, cast: Cast, sign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_OPENED", 1)
    sign("one", country="DE")
    sign("two", country="FR")
    with pytest.raises(Refused, match="too many names"):
        bulk.preview(site, cast.petition, Condition(mixed=True))
    assert bulk.preview(site, cast.petition, Condition(mixed=True, country="FR")).total == 0


def test_asking_opens_no_name_again_where_a_preview_has_counted(
    site: Site, cast: Cast, sign: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign("one", name="Аnna Smith")
    condition = Condition(mixed=True)
    seen = bulk.preview(site, cast.petition, condition)
    monkeypatch.setattr(bulk, "mixed_of", None)
    facts: dict[str, Any] = {"ground": "automatic", "reason": "x", "organiser_id": 1, "now": now}
    batch, _ = bulk.request(
        site, cast.petition, condition, last_seen=seen.last_seen, total=seen.total, **facts
    )
    assert batch.total == 1
