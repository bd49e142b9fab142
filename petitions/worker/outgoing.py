"""Clearing the disk: written bundles when their hour is over, files whose link is over, what killed
workers left, and sizes of pictures that nobody may see any more.
"""

from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.domain import handover_links, outgoing
from petitions.domain.presenting.pictures import clear_hidden_sizes
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.worker.attaching import clear_leftovers
from petitions.worker.unlocked import clear_memory

EVERY = timedelta(seconds=30)
_log = structlog.get_logger("petitions.worker")


class OutgoingStep:
    """Looks into the outgoing folder at the start, and then twice a minute."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._next_at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Remove what is to go; there is never more to do at once."""
        if self._next_at is not None and self._next_at - EVERY <= now < self._next_at:
            return False
        self._next_at = now + EVERY
        with self._app.app_context():
            strays = outgoing.clear_strays(self._site) + clear_memory()
            pictures = clear_hidden_sizes(self._site)
            over = bool(outgoing.files_over(now) or handover_links.over(now))
            db.session.rollback()
            removed = self._remove(now) if over else 0
            strays += handover_links.clear(self._site, now) + clear_leftovers(self._site, now)
            db.session.rollback()
        if strays or removed:
            _log.info("bundle files removed", files=removed, strays=strays)
        if pictures:
            _log.info("sizes of pictures removed", files=pictures)
        return False

    def close(self) -> None:
        """Nothing is held between turns."""

    def _remove(self, now: datetime) -> int:
        begin_write()
        removed = outgoing.remove(self._site, outgoing.files_over(now), now)
        handover_links.mark_over(now)
        db.session.commit()
        return removed
