"""News of a sealed case: only for whoever unlocks it, by a process that ends with its server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from petitions.domain import news_sending, unlocked_news
from petitions.domain.unlocked_news import Handover
from petitions.domain.unlocking import unlock
from petitions.errors import Refused
from petitions.extensions import begin_write
from petitions.models import AuditEntry, News, NewsState
from petitions.worker import unlocked_news as process
from petitions.worker.news import NewsStep
from tests.domain.sealing_cast import MAJA, sealed
from tests.newsroom import mails_of, organiser, reader, started
from tests.servers.site import ROOT
from tests.settings import environ_for
from tests.worker.conftest import Stage
from tests.worker.test_mails import wait_until


def begun(stage: Stage, number: int = 3) -> tuple[News, Handover]:
    """Seal the case of signers who want news, start news, and unlock it."""
    for n in range(number):
        reader(stage.site, stage.cast.petition, f"r{n}", stage.clock())
    sealed(stage.site, stage.cast.case.id, stage.clock())
    news = started(stage.cast.petition, organiser(stage.clock()), stage.clock())
    assert news.state is NewsState.PAUSED, "nobody can queue it yet"
    return news, handed_over(stage, news)


def handed_over(stage: Stage, news: News) -> Handover:
    unlocked = unlock(stage.cast.case.id, MAJA)
    stage.database.session.rollback()
    begin_write()
    handed = unlocked_news.begin(news.id, unlocked, organiser_id=1, now=stage.clock())
    stage.database.session.commit()
    return handed


def now_is(stage: Stage, news: News) -> News:
    stage.database.session.rollback()
    return stage.database.session.get_one(News, news.id, populate_existing=True)


def test_worker_queues_nothing_of_a_sealed_case_and_its_process_does(
    app: Flask, stage: Stage
) -> None:
    news, handed = begun(stage)
    stage.clock.shift(seconds=10)
    NewsStep(app).take(stage.clock())
    assert mails_of(news) == []

    def ticking() -> object:
        return stage.clock.shift(seconds=1)

    process.EVERY, before = 0.0, process.EVERY
    try:
        process.do(app, handed, threading.Event(), ticking)  # type: ignore[arg-type]  # a clock of a test
    finally:
        process.EVERY = before
    assert len(mails_of(news)) == 3
    assert now_is(stage, news).state is NewsState.DONE
    told = stage.database.session.execute(
        select(AuditEntry).where(AuditEntry.action == "case unlocked")
    ).scalar_one()
    assert f'"for": "news {news.id}"' in told.detail
    secret = handed.private_key.hex()
    assert secret not in repr(handed)


def test_process_that_is_gone_leaves_paused_news_that_asks_for_unlocking_again(
    app: Flask, stage: Stage
) -> None:
    news, _ = begun(stage)
    stage.clock.shift(seconds=61)
    NewsStep(app).take(stage.clock())
    found = now_is(stage, news)
    assert (found.state, found.paused_because) == (NewsState.PAUSED, "interrupted")
    with pytest.raises(Refused, match="sealed"):
        news_sending.resume(news.id, "organiser 1", stage.clock())
    handed = handed_over(stage, news)
    assert now_is(stage, news).claimed_by == handed.worker


def test_pausing_ends_the_process_and_what_it_was_handed_is_good_no_more(
    app: Flask, stage: Stage
) -> None:
    news, handed = begun(stage)
    begin_write()
    news_sending.pause(news.id, "organiser 1", stage.clock())
    stage.database.session.commit()
    process.do(app, handed, threading.Event(), stage.clock)
    assert mails_of(news) == []
    again = handed_over(stage, news)
    process.do(app, handed, threading.Event(), stage.clock)
    assert now_is(stage, news).claimed_by == again.worker, "the old one changes nothing"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_real_process_ends_where_the_pipe_does(
    app: Flask, stage: Stage, tmp_path: Path, database_url: str
) -> None:
    from petitions.clock import now

    stage.clock.at = now()
    news, handed = begun(stage, number=2)
    news.per_hour = 1  # none is due while this test lasts
    stage.database.session.commit()
    handed_until = now_is(stage, news).claimed_until
    environ = {**os.environ, **environ_for(tmp_path, database_url)}
    command = (sys.executable, "-m", "petitions", "mail-unlocked")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, cwd=ROOT
    ) as child:
        assert child.stdin
        child.stdin.write(handed.line())
        child.stdin.flush()
        wait_until(lambda: now_is(stage, news).claimed_until != handed_until, timeout=60)
        told = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        told += Path(f"/proc/{child.pid}/environ").read_bytes()
        child.stdin.close()
        assert child.wait(30) == 0
        assert child.stderr
        told += child.stderr.read()
    assert handed.private_key.hex().encode() not in told
    assert b"Traceback" not in told
    found = now_is(stage, news)
    assert (found.state, found.paused_because) == (NewsState.PAUSED, "interrupted")
    assert mails_of(news) == []
