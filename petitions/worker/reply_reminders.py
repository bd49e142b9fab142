"""Looking every few minutes whether a reply or a follow-up is due, to remind somebody of it."""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain import reply_reminders
from petitions.domain.site import Site
from petitions.extensions import begin_write, db

EVERY = timedelta(minutes=5)
_log = structlog.get_logger("petitions.worker")


class ReplyReminderStep:
    """Queues mails to organisers; another step sends them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Remind where it is time to; there is never more to do at once."""
        if self._next_at is not None and self._next_at - EVERY <= now < self._next_at:
            return False
        self._next_at = now + EVERY
        with self._app.app_context():
            there = reply_reminders.anything_due(now)
            db.session.rollback()
            if not there:
                return False
            begin_write()
            mails = reply_reminders.remind(self._site, now)
            db.session.commit()
        _log.info("reminded of replies and follow-ups that are due", mails=mails)
        return False

    def close(self) -> None:
        """Nothing is held between turns."""
