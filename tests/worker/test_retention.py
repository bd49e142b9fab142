"""What is deleted when its time is over, and what is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from petitions.domain import signing
from petitions.domain.retention import expire_unconfirmed
from petitions.models import (
    DayKey,
    ExpiredCount,
    Mail,
    MailBudget,
    MailState,
    Signature,
    SignatureState,
)
from petitions.worker.retention import RetentionStep
from tests.domain.cast import publish
from tests.mail.queueing import only_mail, sign
from tests.worker.conftest import Stage

WEEK = timedelta(days=7)


def number_of(stage: Stage, table: type) -> int:
    stage.database.session.rollback()
    return stage.database.session.execute(select(func.count()).select_from(table)).scalar_one()


def test_unconfirmed_signature_is_deleted_after_a_week_counted_and_its_mail_cancelled(
    stage: Stage,
) -> None:
    sign(stage.site, stage.cast, stage.clock())
    step = RetentionStep(stage.app)
    step.take(stage.clock())
    step.take(stage.clock.shift(days=7))
    assert number_of(stage, Signature) == 1  # to the second, it may still be confirmed
    step.take(stage.clock.shift(hours=1))
    assert number_of(stage, Signature) == 0
    counted = stage.database.session.execute(select(ExpiredCount)).scalar_one()
    assert (counted.petition_id, counted.number) == (stage.cast.petition.id, 1)
    assert counted.day == stage.clock().date()
    mail = only_mail()
    assert (mail.state, mail.outcome) == (MailState.CANCELLED, "not confirmed in time")
    assert mail.address_sealed is None
    assert mail.signature_id is None


def test_confirmed_signature_stays(stage: Stage) -> None:
    signature = sign(stage.site, stage.cast, stage.clock())
    signing.confirm(stage.cast.petition, signature.id, stage.clock())
    stage.database.session.commit()
    RetentionStep(stage.app).take(stage.clock.shift(days=400))
    stage.database.session.rollback()
    state = stage.database.session.execute(select(Signature.state)).scalar_one()
    assert state is SignatureState.CONFIRMED
    assert number_of(stage, ExpiredCount) == 0


def test_counts_of_one_day_add_up_and_petitions_stay_apart(stage: Stage) -> None:
    other = publish(stage.site, stage.clock(), slug="other")
    stage.database.session.commit()
    sign(stage.site, stage.cast, stage.clock(), "a@example.org")
    sign(stage.site, other, stage.clock(), "a@example.org")
    sign(stage.site, stage.cast, stage.clock.shift(hours=1), "b@example.org")
    stage.clock.at = stage.clock.at.replace(hour=1) + timedelta(days=8)
    expire_unconfirmed(stage.clock(), most=1)
    expire_unconfirmed(stage.clock(), most=500)
    stage.database.session.commit()
    query = select(ExpiredCount.petition_id, ExpiredCount.number)
    counted = dict(stage.database.session.execute(query).all())
    assert counted == {stage.cast.petition.id: 2, other.petition.id: 1}
    assert expire_unconfirmed(stage.clock()) == 0


def test_backlog_goes_in_short_transactions(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.worker.retention.BATCH", 2)
    for number in range(3):
        sign(stage.site, stage.cast, stage.clock(), f"{number}@example.org")
    step = RetentionStep(stage.app)
    assert step.take(stage.clock.shift(days=8)) is True
    assert number_of(stage, Signature) == 1
    assert step.take(stage.clock()) is False
    assert number_of(stage, Signature) == 0


def test_day_keys_and_budgets_go_after_two_days(stage: Stage) -> None:
    sign(stage.site, stage.cast, stage.clock())
    assert number_of(stage, DayKey) == 1
    assert number_of(stage, MailBudget) == 2
    step = RetentionStep(stage.app)
    step.take(stage.clock.shift(days=2))
    assert number_of(stage, DayKey) == 1
    step.take(stage.clock.shift(days=1))
    assert number_of(stage, DayKey) == 0
    assert number_of(stage, MailBudget) == 0


def test_turns_are_taken_once_an_hour(stage: Stage) -> None:
    step = RetentionStep(stage.app)
    step.take(stage.clock())
    sign(stage.site, stage.cast, stage.clock() - timedelta(days=8))
    step.take(stage.clock.shift(minutes=59))
    assert number_of(stage, Signature) == 1
    step.take(stage.clock.shift(minutes=1))
    assert number_of(stage, Signature) == 0


def test_link_in_hand_and_row_expire_at_the_same_moment(stage: Stage) -> None:
    """Whoever confirms in the last second keeps the signature; a second later both are over."""
    signature = sign(stage.site, stage.cast, stage.clock())
    stage.clock.shift(days=7)
    signing.confirm(stage.cast.petition, signature.id, stage.clock())
    stage.database.session.commit()
    assert expire_unconfirmed(stage.clock() + timedelta(seconds=1)) == 0


def test_mail_rows_without_a_signature_are_left_alone(stage: Stage) -> None:
    sign(stage.site, stage.cast, stage.clock())
    stage.database.session.execute(Mail.__table__.update().values(signature_id=None))
    stage.database.session.commit()
    expire_unconfirmed(datetime(2026, 3, 30, tzinfo=UTC))
    stage.database.session.commit()
    assert only_mail().state is MailState.WAITING
