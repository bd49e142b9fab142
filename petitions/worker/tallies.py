"""Adding up confirmed signatures while they come, and counting all of them once a night.

One worker of all does it, by a lease that it renews.
"""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain import relief, tallies
from petitions.domain.leading import done_until, take_lead
from petitions.extensions import begin_snapshot, begin_write, db

EVERY = timedelta(seconds=2)
LEASE = timedelta(seconds=15)
COUNTING = timedelta(hours=1)
"""How long a full count may take before another worker begins one."""
_ADDING, _COUNT = "tallies", "full count"
_log = structlog.get_logger("petitions.worker")


class TallyStep:
    """Adds up every two seconds where there is anything; holds all against the rows at night."""

    def __init__(self, app: Flask, worker: str) -> None:
        self._app = app
        self._worker = worker
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Add up one part; return whether there is more to do at once."""
        if self._next_at is not None and self._next_at - EVERY <= now < self._next_at:
            return False
        with self._app.app_context():
            added = self._add_up(now)
            self._next_at = now if added == tallies.MOST else now + EVERY
            if added < tallies.MOST:
                self._count_at_night(now)
        return added == tallies.MOST

    def close(self) -> None:
        """Nothing is held between turns; the lease ends by itself."""

    def _add_up(self, now: datetime) -> int:
        there = tallies.anything_to_add_up()
        counted_at = relief.numbers_counted_at()
        db.session.rollback()
        if counted_at is not None:
            there = now - counted_at >= relief.COUNTED_EVERY
        if not there or not self._leads(_ADDING, now, LEASE):
            return 0
        begin_write()
        added = tallies.add_up()
        if counted_at is not None and added < tallies.MOST:
            relief.note_counted(now)
        db.session.commit()
        return added

    def _leads(self, name: str, now: datetime, length: timedelta) -> bool:
        begin_write()
        ours = take_lead(name, self._worker, now, length)
        db.session.commit()
        return ours

    def _count_at_night(self, now: datetime) -> None:
        if not tallies.is_time_to_count(_COUNT, now):
            db.session.rollback()
            return
        db.session.rollback()
        if not self._leads(_COUNT, now, COUNTING):
            return
        wrong = tallies.wrong_sums()
        db.session.rollback()
        if wrong:
            _log.error("sums differed from the rows, and were counted anew", sums=wrong)
            begin_snapshot()
            tallies.count_anew()
        else:
            begin_write()
        done_until(_COUNT, self._worker, tallies.next_check(now))
        db.session.commit()
