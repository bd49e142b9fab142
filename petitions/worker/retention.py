"""Deleting what is over: at the start, and then every hour."""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from petitions.domain import destroying, retention
from petitions.domain.retention import forget_written_pages
from petitions.domain.site import Site
from petitions.extensions import begin_write, db

EVERY = timedelta(hours=1)
PAGES_EVERY = timedelta(minutes=1)
BATCH = 500
_log = structlog.get_logger("petitions.worker")


class RetentionStep:
    """Takes its turn once an hour; a long backlog goes in short transactions, one each time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Delete a batch where it is time to; return whether there is more to do at once."""
        if self._next_at is not None and now < self._next_at:
            return False
        with self._app.app_context():
            begin_write()
            deleted = retention.delete_part(self._site, now, actor="worker", most=BATCH)
            db.session.commit()
            files = destroying.clear_key_ring(self._site)
            db.session.rollback()
        if deleted or files:
            _log.info(
                "deleted what is over",
                unconfirmed=deleted.unconfirmed,
                days=deleted.days,
                arrivals=deleted.arrivals,
                names=deleted.names,
                cases=deleted.keys,
            )
        self._next_at = now if deleted.more else now + EVERY
        return deleted.more

    def close(self) -> None:
        """Nothing is held between turns."""


class WrittenPagesStep:
    """Empties SQLite's write-ahead log every minute: wiped data lives on in it until then."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Empty the log where it is time to."""
        if self._next_at is not None and self._next_at - PAGES_EVERY <= now < self._next_at:
            return False
        self._next_at = now + PAGES_EVERY
        with self._app.app_context():
            forget_written_pages()
        return False

    def close(self) -> None:
        """Empty it a last time: who takes the stopped machine finds no wiped data in it."""
        with self._app.app_context(), suppress(DBAPIError):
            forget_written_pages()
