"""What the worker leaves undone while it is told to give way, and does afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from petitions.domain import relief
from petitions.domain.relief import Lane
from petitions.models import BuildState, Organiser
from petitions.worker import mails as mail_work
from tests.mail.queueing import sign
from tests.newsroom import mails_of, organiser, started
from tests.worker.conftest import Stage
from tests.worker.test_builds import _key, now_is, organiser_id, request, run, sign_many
from tests.worker.test_news import author, queue, readers, send_all

__all__ = ["_key", "author", "organiser", "organiser_id", "queue"]


def switch(stage: Stage, lane: Lane, *, on: bool) -> None:
    stage.database.session.rollback()
    turn = relief.switch_on if on else relief.switch_off
    assert turn(lane, "command", stage.clock())
    stage.database.session.commit()


def test_builds_wait_until_they_need_not(stage: Stage, organiser_id: int) -> None:
    sign_many(stage, 2)
    build = request(stage, organiser_id)
    switch(stage, Lane.BUNDLES, on=True)
    assert run(stage)._building is None
    assert now_is(build).state is BuildState.WAITING
    switch(stage, Lane.BUNDLES, on=False)
    run(stage)
    assert now_is(build).state is BuildState.DONE


def test_news_is_neither_queued_nor_sent_and_goes_on_afterwards(
    stage: Stage, author: Organiser, queue: Any
) -> None:
    readers(stage, 4)
    news = started(stage.cast.petition, author, stage.clock())
    queue(2)
    before = len(mails_of(news))
    assert 0 < before < 4
    switch(stage, Lane.NEWS, on=True)
    queue(30)
    send_all(stage)
    assert len(mails_of(news)) == before
    assert stage.recipients() == []
    switch(stage, Lane.NEWS, on=False)
    queue(30)
    stage.clock.shift(minutes=6)
    send_all(stage)
    assert len(stage.recipients()) == 4


@pytest.mark.parametrize(("set_to", "kept"), [(0, 5), (2, 2), (50, 5)])
def test_mails_take_the_slower_lane_and_none_is_lost(
    stage: Stage, set_to: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(mail_work.SLOW_BATCH + 2):
        sign(stage.site, stage.cast, stage.clock(), f"s{number}@example.org")
    worker = stage.worker()
    object.__setattr__(worker._settings, "per_second", set_to)
    paces: list[int] = []
    monkeypatch.setattr(worker._pace, "change", paces.append)
    monkeypatch.setattr(worker._pace, "wait", lambda: None)
    switch(stage, Lane.MAILS, on=True)
    assert worker.take(stage.clock()), "there is more, and other work comes first"
    assert len(stage.recipients()) == mail_work.SLOW_BATCH
    switch(stage, Lane.MAILS, on=False)
    assert not worker.take(stage.clock())
    assert len(stage.recipients()) == mail_work.SLOW_BATCH + 2
    assert paces == [kept, set_to]
