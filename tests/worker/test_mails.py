"""Sending what waits: once, in time, again where that is worth it, visible where it failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import outbox, privacy
from petitions.domain.mail_report import mail_numbers, troubled_mails
from petitions.domain.site import Site
from petitions.mail.outgoing import Outgoing
from petitions.models import Mail, MailKind, MailState, Suppression
from petitions.worker import leases
from petitions.worker.mails import MailStep
from tests.mail.queueing import only_mail, sign
from tests.worker.conftest import Clock, Stage


def states(database: SQLAlchemy) -> dict[MailState, int]:
    """How many mails are in each state now."""
    database.session.rollback()
    counted: dict[MailState, int] = {}
    for number in mail_numbers():
        counted[number.state] = counted.get(number.state, 0) + number.number
    return counted


def ask_for_links(site: Site, clock: Clock, database: SQLAlchemy, number: int) -> None:
    """Queue mails to so many addresses."""
    for each in range(number):
        privacy.ask_for_link(site, f"signer{each}@example.org", "en", clock())
    database.session.commit()


def test_mail_is_sent_marked_and_its_address_wiped(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    worker.take(stage.clock())
    [received] = stage.smtp.mails
    assert received.recipients == ("signer@example.org",)
    mail = only_mail()
    assert received.message["Message-ID"] == mail.message_id
    assert mail.state is MailState.SENT
    assert mail.address_sealed is None
    assert mail.outcome is None
    assert mail.final_at == stage.clock()


def test_mail_that_is_not_due_waits(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    worker.take(stage.clock() - timedelta(seconds=1))
    assert not stage.smtp.mails
    worker.take(stage.clock())
    assert len(stage.smtp.mails) == 1


def test_pauses_grow_until_a_mail_has_failed_where_it_can_be_seen(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    stage.smtp.refuse("RCPT", "451 4.7.1 signer@example.org is greylisted")
    for attempt, pause in enumerate(outbox.PAUSES, start=1):
        worker.take(stage.clock())
        mail = only_mail()
        assert (mail.state, mail.attempts) == (MailState.WAITING, attempt)
        assert mail.outcome == "451 recipient refused"
        assert mail.not_before == stage.clock() + pause
        worker.take(stage.clock() + pause - timedelta(seconds=1))
        assert only_mail().attempts == attempt
        stage.clock.shift(seconds=pause.total_seconds())
    worker.take(stage.clock())
    mail = only_mail()
    assert (mail.state, mail.outcome) == (MailState.FAILED, "451 recipient refused")
    assert mail.address_sealed is None
    assert [troubled.id for troubled in troubled_mails()] == [mail.id]


def test_resent_mail_keeps_its_message_id(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    stage.smtp.drop("STORED")  # it is there, and we never hear so
    worker.take(stage.clock())
    worker.take(stage.clock.shift(minutes=1))
    first, second = stage.smtp.mails
    assert first.message["Message-ID"] == second.message["Message-ID"] == only_mail().message_id
    assert only_mail().state is MailState.SENT


def test_refusal_for_good_fails_at_once(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    stage.smtp.refuse("RCPT", "550 5.1.1 unknown")
    worker.take(stage.clock())
    mail = only_mail()
    assert (mail.state, mail.outcome) == (MailState.FAILED, "550 recipient refused")
    assert mail.address_sealed is None


def test_one_bad_mail_keeps_no_other_waiting(stage: Stage) -> None:
    worker = stage.worker()
    ask_for_links(stage.site, stage.clock, stage.database, 3)
    rows = stage.database.session.execute(select(Mail).order_by(Mail.id)).scalars().all()
    rows[0].kind = MailKind.NEWS  # nothing composes it
    rows[1].address_sealed = b"not what was sealed"
    stage.database.session.commit()
    worker.take(stage.clock())
    [received] = stage.smtp.mails
    assert received.recipients == ("signer2@example.org",)
    assert states(stage.database) == {MailState.FAILED: 1, MailState.WAITING: 1, MailState.SENT: 1}


def test_fault_in_composing_is_tried_again_and_says_no_more_than_its_kind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())

    def broken(*_: object) -> None:
        raise RuntimeError("signer@example.org")

    monkeypatch.setattr("petitions.worker.mails.compose", broken)
    worker.take(stage.clock())
    assert only_mail().outcome == "error: RuntimeError"
    assert "signer@" not in "".join(capsys.readouterr())


def test_relay_that_is_down_costs_the_others_no_attempt(stage: Stage) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 3)
    stage.smtp.refuse("MAIL", "421 4.3.2 shutting down", times=1)
    worker = stage.worker()
    worker.take(stage.clock())
    stage.database.session.rollback()
    attempts = (
        stage.database.session.execute(select(Mail.attempts).order_by(Mail.id)).scalars().all()
    )
    assert attempts == [1, 0, 0]
    worker.take(stage.clock.shift(seconds=1))
    assert not stage.smtp.mails  # still pausing
    worker.take(stage.clock.shift(seconds=2))
    assert len(stage.smtp.mails) == 2
    worker.take(stage.clock.shift(minutes=1))
    assert states(stage.database) == {MailState.SENT: 3}


def test_two_workers_side_by_side_send_nothing_twice(stage: Stage) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 60)
    start = threading.Barrier(2)

    def work(step: MailStep) -> None:
        start.wait(10)
        while step.take(stage.clock()):
            pass

    workers = [stage.worker("one"), stage.worker("two")]
    threads = [threading.Thread(target=work, args=(step,)) for step in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for step in workers:  # what one had claimed when the other found nothing
        work_left = step.take(stage.clock())
        assert not work_left
    recipients = stage.recipients()
    assert len(recipients) == len(set(recipients)) == 60
    assert states(stage.database) == {MailState.SENT: 60}


def test_what_a_killed_worker_had_claimed_is_taken_over_when_its_lease_ends(stage: Stage) -> None:
    sign(stage.site, stage.cast, stage.clock())
    [claimed] = outbox.claim(stage.site, "killed", stage.clock())
    stage.database.session.commit()
    other = stage.worker("other")
    other.take(stage.clock.shift(seconds=14))
    assert not stage.smtp.mails
    other.take(stage.clock.shift(seconds=1))
    [received] = stage.smtp.mails
    assert received.message["Message-ID"] == claimed.message_id
    assert only_mail().state is MailState.SENT


def test_slow_relay_makes_nobody_take_over(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.05)
    sign(stage.site, stage.cast, stage.clock())
    stage.smtp.hang("RCPT")
    slow = threading.Thread(target=stage.worker("slow").take, args=(stage.clock(),))
    slow.start()
    wait_until(lambda: only_mail().claimed_by == "slow")
    for _ in range(3):
        claimed_until = stage.clock.shift(seconds=10) + outbox.LEASE
        wait_until(lambda at=claimed_until: only_mail().claimed_until == at)  # type: ignore[misc]  # bound now
    stage.worker("other").take(stage.clock())
    assert not stage.smtp.mails
    stage.smtp.release()
    slow.join(20)
    assert len(stage.smtp.mails) == 1
    assert only_mail().state is MailState.SENT


def test_worker_that_lost_its_lease_sends_no_more_of_the_batch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEWED_EVERY", 3600)  # as if the machine slept
    ask_for_links(stage.site, stage.clock, stage.database, 2)
    stage.smtp.hang("RCPT")
    slow = threading.Thread(target=stage.worker("asleep").take, args=(stage.clock(),))
    slow.start()
    wait_until(lambda: len(claimed_by("asleep", stage.database)) == 2)
    stage.clock.shift(seconds=20)
    stage.worker("awake").take(stage.clock())
    assert len(stage.smtp.mails) == 2
    stage.smtp.release()
    slow.join(20)
    recipients = stage.recipients()
    assert recipients.count("signer1@example.org") == 1
    assert states(stage.database) == {MailState.SENT: 2}


def test_worker_that_is_asked_to_stop_gives_back_what_it_has_not_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 5)
    stopping = threading.Event()
    deliver = Outgoing.deliver

    def deliver_and_be_stopped(self: Outgoing, message: EmailMessage) -> None:
        deliver(self, message)
        stopping.set()

    with monkeypatch.context() as patched:
        patched.setattr(Outgoing, "deliver", deliver_and_be_stopped)
        stage.worker("leaving", stopping).take(stage.clock())
    assert len(stage.smtp.mails) == 1
    assert not claimed_by("leaving", stage.database)
    assert states(stage.database) == {MailState.SENT: 1, MailState.WAITING: 4}
    stage.database.session.rollback()
    stage.worker("other").take(stage.clock())
    assert len(stage.smtp.mails) == 5
    stage.database.session.rollback()
    attempts = stage.database.session.execute(select(Mail.attempts)).scalars().all()
    assert attempts == [1] * 5


def test_address_suppressed_after_queueing_is_withheld_where_it_can_be_seen(stage: Stage) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())
    key = outbox.suppression_key(stage.site, "signer@example.org")
    stage.database.session.add(Suppression(key=key, reason="not me", created_at=stage.clock()))
    stage.database.session.commit()
    worker.take(stage.clock())
    assert not stage.smtp.mails
    mail = only_mail()
    assert (mail.state, mail.outcome) == (MailState.WITHHELD, "suppressed")
    assert [(n.state, n.outcome, n.number) for n in mail_numbers()] == [
        (MailState.WITHHELD, "suppressed", 1)
    ]


def test_full_batch_says_that_there_is_more(stage: Stage) -> None:
    worker = stage.worker()
    ask_for_links(stage.site, stage.clock, stage.database, 21)
    assert worker.take(stage.clock()) is True
    assert worker.take(stage.clock()) is False
    assert states(stage.database) == {MailState.SENT: 21}


def claimed_by(worker: str, database: SQLAlchemy) -> list[int]:
    """The mails a worker holds now."""
    database.session.rollback()
    query = select(Mail.id).where(Mail.claimed_by == worker)
    return list(database.session.execute(query).scalars())


def wait_until(is_so: Callable[[], bool], timeout: float = 20) -> None:
    """Ask again until it is so; fail loudly where it never is."""
    waited = threading.Event()
    for _ in range(int(timeout / 0.02)):
        if is_so():
            return
        waited.wait(0.02)
    raise AssertionError("it never came to be")
