"""Setting aside in bulk: one part of one batch each time it is taken, between mails and builds."""

from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from petitions import logs
from petitions.domain import bulk_work
from petitions.domain.site import Site
from petitions.extensions import begin_write, db

_log = structlog.get_logger("petitions.worker")


class BatchStep:
    """Does the next part of the oldest open batch."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]

    def take(self, now: datetime) -> bool:
        """Do one part; return whether there may be more to do at once."""
        with self._app.app_context():
            part = bulk_work.next_part(self._site)
            db.session.rollback()  # readers hold up nobody; the part is checked again as a writer
            if part is None:
                return False
            try:
                begin_write()
                bulk_work.do_part(self._site, part, now)
                db.session.commit()
            except DBAPIError:
                raise  # the database is busy or away: the loop waits and comes back
            except Exception as error:  # whatever it is, other batches must get their turn
                db.session.rollback()
                _log.error("batch failed", batch=part.batch_id, error=logs.where(error))
                begin_write()
                bulk_work.note_failure(self._site, part.batch_id, now)
                db.session.commit()
        return True

    def close(self) -> None:
        """Nothing is held between turns."""
