"""Sending what waits: once, in time, again where that is worth it, visible where it failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.config import Settings
from petitions.domain import bounces, outbox, privacy
from petitions.domain.bounces import Taken
from petitions.domain.mail_report import mail_numbers, troubled_mails
from petitions.domain.site import Site
from petitions.mail.outgoing import Outgoing
from petitions.models import Case, Mail, MailKind, MailState, Suppression
from petitions.worker import leases
from petitions.worker.mails import MailStep, Pace
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


@pytest.mark.parametrize(("said", "wanted"), [("550 5.1.1 unknown", 1), ("550 5.7.1 no", 0)])
def test_address_that_the_relay_does_not_know_gets_no_more_mail(
    stage: Stage, said: str, wanted: int
) -> None:
    """Nor a reminder; but what is refused for another reason is not held against the address."""
    sign(stage.site, stage.cast, stage.clock())
    stage.smtp.refuse("RCPT", said)
    stage.worker().take(stage.clock())
    stage.database.session.rollback()
    found = select(func.count()).select_from(Suppression)
    assert stage.database.session.execute(found).scalar_one() == wanted


def test_mail_that_leads_to_a_hidden_case_waits_until_it_is_shown_again(stage: Stage) -> None:
    sign(stage.site, stage.cast, stage.clock())
    case = stage.database.session.get_one(Case, stage.cast.petition.case_id)
    case.hidden_at, case.hidden_reason = stage.clock(), "asked for"
    stage.database.session.commit()
    stage.worker().take(stage.clock())
    mail = only_mail()
    assert (mail.state, mail.held) == (MailState.WAITING, "case hidden")
    assert not stage.smtp.mails
    case = stage.database.session.get_one(Case, stage.cast.petition.case_id)
    case.hidden_at, case.hidden_reason = None, None
    stage.database.session.commit()
    stage.worker().take(stage.clock.shift(minutes=6))
    assert len(stage.smtp.mails) == 1


def test_one_bad_mail_keeps_no_other_waiting(stage: Stage) -> None:
    worker = stage.worker()
    ask_for_links(stage.site, stage.clock, stage.database, 3)
    rows = stage.database.session.execute(select(Mail).order_by(Mail.id)).scalars().all()
    rows[0].kind = MailKind.NEWS  # of news that there is not
    rows[1].address_sealed = b"not what was sealed"
    stage.database.session.commit()
    worker.take(stage.clock())
    [received] = stage.smtp.mails
    assert received.recipients == ("signer2@example.org",)
    assert states(stage.database) == {
        MailState.CANCELLED: 1, MailState.WAITING: 1, MailState.SENT: 1
    }  # fmt: skip


def test_fault_in_composing_is_tried_again_and_says_no_more_than_its_kind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = stage.worker()
    sign(stage.site, stage.cast, stage.clock())

    def broken(*_: object) -> None:
        raise RuntimeError("signer@example.org")

    monkeypatch.setattr("petitions.worker.mails.filled_or_composed", broken)
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
    assert attempts == [0, 0, 0]
    worker.take(stage.clock.shift(seconds=1))
    assert not stage.smtp.mails  # still pausing
    worker.take(stage.clock.shift(seconds=2))
    assert len(stage.smtp.mails) == 2
    worker.take(stage.clock.shift(minutes=1))
    assert states(stage.database) == {MailState.SENT: 3}


def test_mails_outlive_a_relay_that_is_away_for_days(stage: Stage) -> None:
    """Each mail meets the closed relay many times, and waits for it all the same."""
    ask_for_links(stage.site, stage.clock, stage.database, 3)
    stage.smtp.refuse("MAIL", "421 4.3.2 closed for the weekend")
    worker = stage.worker()
    for _ in range(36):
        worker.take(stage.clock.shift(hours=2))
    assert states(stage.database) == {MailState.WAITING: 3}
    stage.smtp.forgive()
    worker.take(stage.clock.shift(minutes=2))
    assert states(stage.database) == {MailState.SENT: 3}


def test_relay_that_never_comes_back_fails_mails_in_the_end(stage: Stage) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 1)
    stage.smtp.refuse("MAIL", "421 4.3.2 closed for good")
    worker = stage.worker()
    worker.take(stage.clock.shift(days=9))
    assert only_mail().state is MailState.WAITING
    worker.take(stage.clock.shift(days=2))
    assert only_mail().state is MailState.FAILED


def test_lease_given_by_a_clock_gone_wrong_keeps_no_mail_waiting(stage: Stage) -> None:
    """A machine that started an hour ahead claimed a mail, and ended."""
    sign(stage.site, stage.cast, stage.clock())
    assert outbox.claim(stage.site, "killed", stage.clock() + timedelta(hours=1))
    stage.database.session.commit()
    stage.worker().take(stage.clock())
    assert stage.recipients() == ["signer@example.org"]


def test_pause_ends_where_the_clock_steps_back(stage: Stage) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 2)
    stage.smtp.refuse("MAIL", "421 4.3.2 busy", times=1)
    worker = stage.worker()
    worker.take(stage.clock.shift(hours=1))
    worker.take(stage.clock.shift(hours=-1))
    assert stage.recipients() == ["signer1@example.org"]


def test_two_workers_side_by_side_send_nothing_twice(stage: Stage) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 60)
    start = threading.Barrier(2)

    def work(step: MailStep) -> None:
        start.wait(60)
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
    slow.join(60)
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
    stage.smtp.wait_until_it_hangs()
    assert len(claimed_by("asleep", stage.database)) == 2
    stage.clock.shift(seconds=20)
    stage.worker("awake").take(stage.clock())
    assert len(stage.smtp.mails) == 2
    stage.smtp.release()
    slow.join(60)
    recipients = stage.recipients()
    assert recipients.count("signer1@example.org") == 1
    assert states(stage.database) == {MailState.SENT: 2}


def test_worker_that_is_asked_to_stop_gives_back_what_it_has_not_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_links(stage.site, stage.clock, stage.database, 5)
    stopping = threading.Event()
    deliver = Outgoing.deliver

    def deliver_and_be_stopped(
        self: Outgoing, message: EmailMessage, sender: str | None = None
    ) -> None:
        deliver(self, message, sender)
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
        (MailState.WAITING, None, 1),  # the reminder
        (MailState.WITHHELD, "suppressed", 1),
    ]


def test_full_batch_says_that_there_is_more(stage: Stage) -> None:
    worker = stage.worker()
    ask_for_links(stage.site, stage.clock, stage.database, 81)
    assert worker.take(stage.clock()) is True
    assert worker.take(stage.clock()) is False
    assert states(stage.database) == {MailState.SENT: 81}
    assert len(stage.recipients()) == 81
    assert len(set(stage.recipients())) == 81
    assert stage.smtp.connections_made == 4  # a full batch takes all


class Waits(threading.Event):
    """Is waited for in no time, and remembers how long it would have been."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return False


def test_a_worker_keeps_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.worker.mails.time", SimpleNamespace(monotonic=lambda: 100.0))
    waits = Waits()
    pace = Pace(4, waits)
    for _ in range(4):
        pace.wait()
    assert waits.seconds == [0.0, 0.25, 0.5, 0.75]


class TestComingBack:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, bounce_address="bounces@example.org")

    def test_each_mail_leaves_with_a_sender_of_its_own_that_suppresses_its_address(
        self, stage: Stage
    ) -> None:
        ask_for_links(stage.site, stage.clock, stage.database, 2)
        stage.worker().take(stage.clock())
        first, second = stage.smtp.mails
        assert first.sender != second.sender
        local, _, domain = first.sender.partition("@")
        prefix, _, return_id = local.partition("+")
        assert (prefix, len(return_id), domain) == ("bounces", 32, "example.org")
        assert str(first.message["From"]) == "Watch <petitions@example.org>"
        assert return_id not in first.data.decode()
        taken = bounces.take_report(stage.site, return_id, "failed", "5.1.1", stage.clock())
        assert taken is Taken.HARD
        stage.database.session.commit()
        for address, why in zip(stage.recipients(), [outbox.BOUNCED, None], strict=True):
            assert outbox.suppressed_because(stage.site, address) == why

    def test_a_mail_that_is_sent_twice_comes_back_under_either_id(self, stage: Stage) -> None:
        sign(stage.site, stage.cast, stage.clock())
        stage.smtp.drop("STORED")
        worker = stage.worker()
        worker.take(stage.clock())
        worker.take(stage.clock.shift(minutes=1))
        ids = [mail.sender.partition("+")[2].partition("@")[0] for mail in stage.smtp.mails]
        assert len(set(ids)) == 2
        stage.database.session.rollback()  # the worker has written meanwhile
        for one in ids:
            taken = bounces.take_report(stage.site, one, "failed", "5.1.1", stage.clock())
            assert taken is Taken.HARD


def claimed_by(worker: str, database: SQLAlchemy) -> list[int]:
    """The mails a worker holds now."""
    database.session.rollback()
    query = select(Mail.id).where(Mail.claimed_by == worker)
    return list(database.session.execute(query).scalars())


def wait_until(is_so: Callable[[], bool], timeout: float = 60) -> None:
    """Ask again until it is so; fail loudly where it never is."""
    waited = threading.Event()
    for _ in range(int(timeout / 0.02)):
        if is_so():
            return
        waited.wait(0.02)
    raise AssertionError("it never came to be")
