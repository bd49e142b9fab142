"""Keeping a lease on claimed mails while a slow relay is waited for.

The renewing thread lives in the worker's process: killed with it, it stops renewing, and another
worker takes over when the lease ends. A relay that hangs costs nobody a second copy.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions.domain import outbox
from petitions.extensions import begin_write, db
from petitions.worker.every import Every

RENEWED_EVERY = 4.0
_log = structlog.get_logger("petitions.worker")


Renew = Callable[[list[int], str, datetime], set[int]]
"""Extends the leases of a worker on some ids for as long as all leases last; returns those held."""


class Leases(Every):
    """Renews the leases on a changing set of mails (or other work), from a thread of its own."""

    def __init__(
        self,
        app: Flask,
        worker: str,
        mail_ids: list[int],
        clock: Callable[[], datetime],
        renew: Renew = outbox.renew,
        *,
        claimed_at: datetime | None = None,
    ) -> None:
        super().__init__(RENEWED_EVERY, self._renew_or_say, "leases")
        self._renew_held = renew
        self._app = app
        self._worker = worker
        self._held = set(mail_ids)
        self._lock = threading.Lock()
        self._clock = clock
        # The lease began when it was claimed: a machine may sleep right after.
        self._good_until = (claimed_at or clock()) + outbox.LEASE

    def holds(self, mail_id: int) -> bool:
        """Whether the mail is still ours to send, with seconds to spare.

        A machine that slept, or a database that was away, lets leases end unnoticed.
        """
        with self._lock:
            spare = self._good_until - self._clock() > timedelta(seconds=2)
            return spare and mail_id in self._held

    def lost(self, mail_id: int) -> bool:
        """Whether a renewal found that this is ours no more."""
        with self._lock:
            return mail_id not in self._held

    def release(self, mail_ids: list[int]) -> None:
        """Renew these no more: what became of them is known."""
        with self._lock:
            self._held.difference_update(mail_ids)

    def _renew_or_say(self) -> None:
        try:
            self._renew()
        except SQLAlchemyError as error:
            _log.warning("leases not renewed", error=type(error).__name__)

    def _renew(self) -> None:
        with self._lock:
            held = sorted(self._held)
        if not held:
            return
        at = self._clock()
        with self._app.app_context():
            begin_write()
            still = self._renew_held(held, self._worker, at)
            db.session.commit()
        with self._lock:
            self._held.difference_update(set(held) - still)
            self._good_until = at + outbox.LEASE
