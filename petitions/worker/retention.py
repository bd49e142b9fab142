"""Deleting what is over: at the start, and then every hour."""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain.budgets import forget_old_days
from petitions.domain.retention import expire_unconfirmed, forget_written_pages
from petitions.extensions import begin_write, db

EVERY = timedelta(hours=1)
PAGES_EVERY = timedelta(minutes=1)
BATCH = 500
_log = structlog.get_logger("petitions.worker")


class RetentionStep:
    """Takes its turn once an hour; a long backlog goes in short transactions, one each time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Delete a batch where it is time to; return whether there is more to do at once."""
        if self._next_at is not None and now < self._next_at:
            return False
        with self._app.app_context():
            begin_write()
            expired = expire_unconfirmed(now, BATCH)
            days = forget_old_days(now)
            db.session.commit()
        if expired or days:
            _log.info("deleted what is over", unconfirmed=expired, days=days)
        more = expired == BATCH
        self._next_at = now if more else now + EVERY
        return more

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
        """Nothing is held between turns."""
