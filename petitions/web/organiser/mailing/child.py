"""The process that sends the news of a sealed case: started, and ended on record."""

import threading
from functools import partial

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions.clock import now
from petitions.domain import unlocked_news
from petitions.domain.unlocked_news import Handover
from petitions.extensions import begin_write, db
from petitions.web.organiser import children

_COMMAND = children.command_of("mail-unlocked")
_log = structlog.get_logger("petitions.web")


def start(app: Flask, handed: Handover) -> threading.Thread | None:
    """Start the process; return the thread that notices its end, or None where it cannot be."""
    job = f"news {handed.news_id}"
    end = partial(_end, app, handed.news_id, handed.worker)
    return children.start(_COMMAND, handed.line(), job, end)


def _end(app: Flask, news_id: int, worker: str) -> None:
    """Pause news whose process is gone, unless all of it is queued."""
    with app.app_context():
        try:
            begin_write()
            unlocked_news.let_go(news_id, worker, now())
            db.session.commit()
        except SQLAlchemyError as error:  # its lease ends by itself
            _log.warning("news not let go", news=news_id, error=type(error).__name__)
