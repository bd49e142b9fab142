"""Queueing the news of a sealed case, in a process of its own that was handed the key.

It ends where the web server that began it does, which it reads from the pipe; when the news is
paused, stopped or queued to the last; and after half a day in any case.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import BinaryIO

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions import logs
from petitions.clock import now as clock_now
from petitions.domain import news_sending, unlocked_news
from petitions.domain.unlocked_news import Handover
from petitions.extensions import begin_write, db
from petitions.worker.handed import take
from petitions.worker.news import feed_once, pause

EVERY = 0.5
RENEWED_EVERY = timedelta(seconds=4)
LONGEST = timedelta(hours=12)
_log = structlog.get_logger("petitions.worker")


def mail_unlocked(app: Flask, pipe: BinaryIO) -> None:
    """Send what the first line of the pipe hands over; stop where the pipe ends."""
    line, stopping = take(pipe)
    do(app, Handover.of(line), stopping)


def do(
    app: Flask,
    handed: Handover,
    stopping: threading.Event,
    clock: Callable[[], datetime] = clock_now,
) -> None:
    """Feed the outbox until there is nothing more to do, and let the news go."""
    with app.app_context():
        opened = handed.site(app.extensions["petitions"])
    ends_at = clock() + LONGEST
    renewed_at = clock() - RENEWED_EVERY
    while clock() < ends_at and not stopping.is_set():
        with app.app_context():
            try:
                if clock() - renewed_at >= RENEWED_EVERY:
                    renewed_at = clock()
                    if not _renew(handed, renewed_at):
                        return
                feed_once(opened, handed.news_id, clock())
            except SQLAlchemyError as error:  # the database is busy or away: the lease lasts
                _log.warning("news not queued", news=handed.news_id, error=type(error).__name__)
            except Exception as error:  # whatever it is, an organiser is to see that it waits
                _log.error("news not queued", news=handed.news_id, error=logs.where(error))
                pause(handed.news_id, news_sending.FAILED, clock())
                return
        stopping.wait(EVERY)
    with app.app_context():
        begin_write()
        unlocked_news.let_go(handed.news_id, handed.worker, clock())
        db.session.commit()


def _renew(handed: Handover, now: datetime) -> bool:
    """Extend the lease; return whether the news is still ours to send."""
    begin_write()
    ours = unlocked_news.renew(handed.news_id, handed.worker, now)
    db.session.commit()
    return ours
