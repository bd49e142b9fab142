"""Deleting what is over: at the start, and then every hour."""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain.budgets import forget_old_days
from petitions.domain.retention import expire_unconfirmed
from petitions.extensions import begin_write, db

EVERY = timedelta(hours=1)
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
