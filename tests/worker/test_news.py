"""News on its way: at its pace, behind everybody who signs, to each signer at most once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from petitions.domain import bounces, case_hiding, news_sending, organiser_mail, outbox, privacy
from petitions.domain.budgets import Budgets
from petitions.domain.news_sending import report_of
from petitions.domain.second_signing import sign_second
from petitions.extensions import begin_write
from petitions.mail.filled import Filled
from petitions.mail.outgoing import Outgoing
from petitions.mail.verdicts import ConnectionLost, RelayDown
from petitions.models import Mail, MailState, News, NewsState, Organiser, Suppression
from petitions.tokens import NEWS, UNSUBSCRIBE
from petitions.worker.news import NewsStep
from tests.domain.cast import form
from tests.mail.queueing import sign, text_of
from tests.newsroom import drafted, mails_of, organiser, reader, started
from tests.worker.conftest import Stage


@pytest.fixture
def author(stage: Stage) -> Organiser:
    return organiser(stage.clock())


@pytest.fixture
def queue(app: Flask, stage: Stage) -> Callable[..., None]:
    """Let time pass, second by second, with a worker that queues."""

    def do(seconds: int = 60) -> None:
        stage.database.session.rollback()
        step = NewsStep(app)
        for _ in range(seconds):
            step.take(stage.clock.shift(seconds=1))

    return do


def readers(stage: Stage, number: int, **typed: Any) -> list[int]:
    """Let so many sign and want news, an hour ago; return their signatures' numbers."""
    petition, at = stage.cast.petition, stage.clock()
    rows = [reader(stage.site, petition, f"r{n:02}", at, **typed).id for n in range(number)]
    stage.clock.shift(hours=1)  # the pause after the mail that asked them to confirm is over
    return rows


def send_all(stage: Stage, name: str = "one") -> None:
    """Let a worker send until nothing is due."""
    stage.database.session.rollback()
    worker = stage.worker(name)
    while worker.take(stage.clock()):
        pass


def states(news: News) -> list[str]:
    return [mail.state.value for mail in mails_of(news)]


def test_news_names_nobody_and_can_be_ended_by_one_click(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    [number] = readers(stage, 1, language="ru")
    news = started(stage.cast.petition, author, stage.clock(), en="Anna B is home", ru="Дома")
    queue()
    send_all(stage)
    [received] = stage.smtp.mails
    message = received.message
    for secret in ("Anna", "anna-b", "Дома", "home", "minister"):
        assert secret not in received.data.decode(errors="replace")
        assert secret not in text_of(message)
    assert "14 марта 2026" in " ".join(text_of(message).split()), "it says when they confirmed"
    header = str(message["List-Unsubscribe"])
    assert str(message["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    link = header.strip("<> ")
    assert link.startswith("http://localhost/unsubscribe/")
    assert link.endswith("?lang=ru")
    token = link.rpartition("/")[2].partition("?")[0]
    assert stage.site.tokens.read(UNSUBSCRIBE, token, stage.clock()) == [number]
    [read] = [line for line in text_of(message).splitlines() if "/news/" in line]
    token = read.rpartition("/")[2].partition("?")[0]
    assert stage.site.tokens.read(NEWS, token, stage.clock()) == [news.id]
    [mail] = mails_of(news)
    assert (mail.state, mail.address_sealed) == (MailState.SENT, None)


def test_news_is_queued_at_its_pace_and_a_worker_that_was_away_makes_up_for_little(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 12)
    news = started(stage.cast.petition, author, stage.clock())
    news.per_hour = 360  # one in ten seconds
    stage.database.session.commit()
    queue(9)
    assert len(mails_of(news)) == 0
    queue(1)
    assert len(mails_of(news)) == 1
    queue(20)
    assert len(mails_of(news)) == 3
    stage.clock.shift(hours=5)
    queue(1)
    assert len(mails_of(news)) == 9, "a minute's worth, not five hours'"
    queue(60)
    assert len(mails_of(news)) == 12
    assert stage.database.session.get_one(News, news.id).state is NewsState.DONE


def test_pause_holds_what_is_queued_and_resuming_lets_it_go_at_once(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 5)
    news = started(stage.cast.petition, author, stage.clock())
    queue(3)
    assert states(news) == ["waiting"] * 3
    news_sending.pause(news.id, "organiser 1", stage.clock())
    stage.database.session.commit()
    send_all(stage)
    queue(3)
    assert stage.recipients() == []
    held = mails_of(news)
    assert [(m.state, m.held, m.attempts) for m in held] == [("waiting", "news paused", 0)] * 3
    news_sending.resume(news.id, "organiser 1", stage.clock())
    stage.database.session.commit()
    queue(60)
    send_all(stage)
    assert sorted(stage.recipients()) == [f"r{n:02}@example.org" for n in range(5)]
    assert report_of(stage.database.session.get_one(News, news.id)).sent == 5


def test_news_of_a_case_that_is_hidden_meanwhile_waits(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 3)
    news = started(stage.cast.petition, author, stage.clock())
    queue(2)
    site = stage.site
    case_hiding.hide(stage.cast.case.id, "danger", "organiser 1", stage.clock(), site.keyring)
    stage.database.session.commit()
    send_all(stage)
    queue(5)
    assert stage.recipients() == []
    assert states(news) == ["waiting"] * 2


def test_news_waits_while_mails_of_people_who_sign_wait_for_the_relay(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 3)
    news = started(stage.cast.petition, author, stage.clock())
    sign(stage.site, stage.cast, stage.clock(), "signs@example.org")
    stage.clock.shift(seconds=31)  # nobody sends it
    queue(10)
    assert mails_of(news) == []
    send_all(stage)
    queue(10)
    assert len(mails_of(news)) == 3


def test_news_takes_its_share_of_an_hour_and_leaves_the_rest_to_those_who_sign(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 6)
    news = started(stage.cast.petition, author, stage.clock())
    queue()
    small = replace(stage.site, budgets=Budgets(per_hour=4, news_share=50))
    worker = stage.worker()
    worker._site = small
    while worker.take(stage.clock()):
        pass
    assert len(stage.recipients()) == 2
    waiting = [mail for mail in mails_of(news) if mail.state is MailState.WAITING]
    assert {mail.held for mail in waiting} == {"news share"}
    for who in ("x", "y", "z"):
        sign(stage.site, stage.cast, stage.clock(), f"{who}@example.org")
    while worker.take(stage.clock()):
        pass
    assert stage.recipients()[2:] == ["x@example.org", "y@example.org"], "places were left"
    worker._site = replace(small, budgets=Budgets(news_share=0))
    stage.clock.shift(hours=1)
    while worker.take(stage.clock()):
        pass
    assert stage.recipients()[4:] == ["z@example.org"], "with no share all news waits"


def test_address_that_had_its_mails_today_gets_news_tomorrow(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 1)
    for _ in range(3):
        privacy.ask_for_link(stage.site, "r00@example.org", "en", stage.clock())
    stage.database.session.commit()
    news = started(stage.cast.petition, author, stage.clock())
    queue(2)
    send_all(stage)
    [mail] = mails_of(news)
    assert (mail.state, mail.held) == (MailState.WAITING, "over budget")
    assert mail.not_before.isoformat() == "2026-03-15T00:00:00+00:00"
    stage.clock.shift(days=1)
    send_all(stage)
    assert states(news) == ["sent"]


def test_killed_worker_sends_nobody_the_same_news_again(
    stage: Stage, author: Organiser, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    delivered: list[str] = []

    def die(self: Outgoing, message: Filled, sender: str | None = None) -> None:
        delivered.append(message.recipient)
        if len(delivered) == 2:
            raise Killed  # handed over, and nothing was marked

    readers(stage, 4)
    news = started(stage.cast.petition, author, stage.clock())
    queue()
    monkeypatch.setattr(Outgoing, "deliver", die)
    worker = stage.worker()
    monkeypatch.setattr(worker, "_mark", lambda *_, **__: None)  # as after SIGKILL
    with pytest.raises(Killed):
        worker.take(stage.clock())
    monkeypatch.undo()
    stage.clock.shift(seconds=16)  # its lease ends
    send_all(stage, "two")
    assert sorted([*delivered, *stage.recipients()]) == [f"r{n:02}@example.org" for n in range(4)]
    told = report_of(stage.database.session.get_one(News, news.id))
    assert told.sent == 2
    assert told.failed == {outbox.UNKNOWN: 2}, "shown, not sent again"


def test_connection_that_breaks_while_news_is_handed_over_is_not_tried_again(
    stage: Stage, author: Organiser, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers(stage, 2)
    news = started(stage.cast.petition, author, stage.clock())
    queue()
    errors: list[Exception] = [ConnectionLost("the connection was lost"), RelayDown("down")]

    def fail(self: Outgoing, message: EmailMessage, sender: str | None = None) -> None:
        raise errors.pop(0)

    monkeypatch.setattr(Outgoing, "deliver", fail)
    stage.worker().take(stage.clock())
    monkeypatch.undo()
    stage.clock.shift(minutes=2)
    send_all(stage, "two")
    assert stage.recipients() == ["r01@example.org"], "what was surely not taken is tried again"
    assert [(m.state, m.outcome) for m in mails_of(news)] == [
        ("failed", outbox.UNKNOWN), ("sent", None),
    ]  # fmt: skip


def test_two_workers_queue_each_signer_once(app: Flask, stage: Stage, author: Organiser) -> None:
    readers(stage, 20)
    news = started(stage.cast.petition, author, stage.clock())
    now = stage.clock.shift(minutes=1)
    stage.database.session.rollback()
    gate = threading.Barrier(2)

    def race() -> None:
        step = NewsStep(app)
        gate.wait()
        step.take(now)

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mails = mails_of(news)
    assert len(mails) == len({mail.signature_id for mail in mails}) == 20


def test_two_people_at_one_mailbox_get_one_mail_and_its_link_ends_news_for_both(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    [first] = readers(stage, 1)
    other = form("r00@example.org", name="Bob Babbage", initials="B. B.", news=True)
    stage.database.session.rollback()
    begin_write()
    second = sign_second(stage.site, stage.cast.petition, first, other, stage.clock())
    stage.database.session.commit()
    news = started(stage.cast.petition, author, stage.clock())
    queue()
    send_all(stage)
    assert stage.recipients() == ["r00@example.org"]
    assert {(m.signature_id, m.state.value, m.outcome) for m in mails_of(news)} == {
        (first, "sent", None), (second.id, "withheld", "the same mailbox got it"),
    }  # fmt: skip
    privacy.stop_news_of_mailbox(first, stage.clock())
    stage.database.session.commit()
    assert (second.news, second.address_sealed) == (False, None)
    assert report_of(stage.database.session.get_one(News, news.id)).left == 1


def test_who_ended_news_after_being_queued_gets_none(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    ids = readers(stage, 3)
    news = started(stage.cast.petition, author, stage.clock())
    queue()
    privacy.stop_news(ids[0], stage.clock())
    privacy.withdraw(ids[1], stage.clock())
    stage.database.session.commit()
    send_all(stage)
    assert stage.recipients() == ["r02@example.org"]
    assert states(news) == ["cancelled", "cancelled", "sent"]


def test_suppressed_addresses_and_those_that_came_back_are_told_apart_in_the_report(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 4)
    session, now = stage.database.session, stage.clock()
    for who, why in (("r00", "not me"), ("r01", outbox.BOUNCED)):
        key = outbox.suppression_key(stage.site, f"{who}@example.org")
        session.add(Suppression(key=key, reason=why, created_at=now))
    session.commit()
    news = started(stage.cast.petition, author, now)
    queue()
    session.rollback()
    begin_write()
    claimed = outbox.claim(stage.site, "one", stage.clock())
    ids = bounces.give_return_ids(stage.site, claimed, stage.clock())
    outbox.mark_sent(list(ids), "one", stage.clock())
    for mail, action, status in zip(
        claimed, ("failed", "delayed"), ("5.1.1", "4.2.2"), strict=True
    ):
        bounces.take_report(stage.site, ids[mail.id], action, status, stage.clock())
    session.commit()
    told = report_of(session.get_one(News, news.id))
    assert (told.sent, told.total, told.waiting, told.wanted) == (2, 4, 0, 0)
    assert told.withheld == {outbox.SUPPRESSED: 1, outbox.BOUNCED: 1}
    assert told.came_back == {"came back 5.1.1": 1, "not delivered yet 4.2.2": 1}
    key = outbox.suppression_key(stage.site, claimed[0].address)
    assert session.get_one(Suppression, key).reason == outbox.BOUNCED, "no more mail goes there"


def test_organiser_tries_news_and_nobody_else_gets_it(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 1)
    news = drafted(stage.cast.petition, author, stage.clock(), en="Home", ru="Дома")
    for _ in range(21):
        organiser_mail.try_news(stage.site, news, author, "ru", stage.clock())
    stage.database.session.commit()
    queue(3)
    send_all(stage)
    assert stage.recipients() == ["o1@example.org"] * 20, "twenty an hour"
    message = stage.smtp.mails[0].message
    token = str(message["List-Unsubscribe"]).strip("<>").rpartition("/")[2].partition("?")[0]
    assert stage.site.tokens.read(UNSUBSCRIBE, token, stage.clock()) == [0]
    assert report_of(news).total == 0, "what was tried stands in no number"


def test_news_that_cannot_be_opened_pauses_and_says_so(
    app: Flask, stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 2)
    news = started(stage.cast.petition, author, stage.clock())
    keys = stage.database.session.execute(select(Mail.id)).all()
    assert keys == []
    from petitions.models import CaseKey

    stage.database.session.execute(
        CaseKey.__table__.update().values(ref="0" * 32)  # the ring has no such file
    )
    stage.database.session.commit()
    queue(3)
    found = stage.database.session.get_one(News, news.id, populate_existing=True)
    assert (found.state, found.paused_because) == (NewsState.PAUSED, news_sending.NO_KEY)
