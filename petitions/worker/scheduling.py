"""Publishing what was given a time, when that has come: looked for every few seconds."""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain import scheduling
from petitions.domain.site import Site
from petitions.extensions import begin_write, db

EVERY = timedelta(seconds=5)
_log = structlog.get_logger("petitions.worker")


class ScheduleStep:
    """Publishes one thing in a transaction of its own, or writes down why that cannot be."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Publish what is due first; return whether there may be more."""
        if self._next_at is not None and self._next_at - EVERY <= now < self._next_at:
            return False
        with self._app.app_context():
            plan_id = scheduling.anything_due(now)
            db.session.rollback()
            if plan_id is not None:
                self._publish(plan_id, now)
        self._next_at = None if plan_id is not None else now + EVERY
        return plan_id is not None

    def _publish(self, plan_id: int, now: datetime) -> None:
        begin_write()
        try:
            done = scheduling.carry_out(plan_id, now)
        except scheduling.REFUSALS as error:
            db.session.rollback()
            begin_write()
            scheduling.stop(self._site, plan_id, scheduling.word_of(error), now)
            db.session.commit()
            _log.warning("scheduled publication stopped", plan=plan_id)
            return
        db.session.commit()
        if done:
            _log.info("published as scheduled", plan=plan_id)

    def close(self) -> None:
        """Nothing is held between turns."""
