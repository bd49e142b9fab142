"""Queueing news: a few signers each time it is taken, between mails and builds."""

from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from petitions import logs
from petitions.domain import news_feeding, news_sending, relief, unlocked_news
from petitions.domain.site import Site
from petitions.errors import KeyMissing, Refused
from petitions.extensions import begin_write, db

_log = structlog.get_logger("petitions.worker")


class NewsStep:
    """Queues the next signers of whatever news goes out and opens here."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]

    def take(self, now: datetime) -> bool:
        """Queue what is due; there is no hurry: the pace says when the next ones are."""
        with self._app.app_context():
            waits = relief.gives_way(relief.Lane.NEWS)
            ids = [] if waits else news_feeding.going_out()
            abandoned = unlocked_news.abandoned(now)
            db.session.rollback()
            for news_id in abandoned:
                pause(news_id, news_sending.INTERRUPTED, now)
            for news_id in ids:
                try:
                    feed_once(self._site, news_id, now)
                except DBAPIError:
                    raise  # the database is busy or away: the loop waits and comes back
                except Exception as error:  # whatever it is, other news must get its turn
                    _log.error("news not queued", news=news_id, error=logs.where(error))
                    missing = isinstance(error, KeyMissing)
                    pause(news_id, news_sending.NO_KEY if missing else news_sending.FAILED, now)
        return False

    def close(self) -> None:
        """Nothing is held between turns."""


def feed_once(site: Site, news_id: int, now: datetime) -> bool:
    """Queue the next signers of news, if any are due; return whether some were."""
    wanted = news_feeding.next_feed(site, news_id, now)
    db.session.rollback()  # readers hold up nobody; what was found is checked again as a writer
    if wanted is None:
        return False
    begin_write()
    done = news_feeding.feed(site, wanted, now)
    db.session.commit()
    return done


def pause(news_id: int, because: str, now: datetime) -> None:
    """Let news wait that cannot be queued, until an organiser looks."""
    db.session.rollback()
    begin_write()
    try:
        news_sending.pause(news_id, "worker", now, because)
    except Refused:  # paused or stopped meanwhile
        db.session.rollback()
    else:
        db.session.commit()
