"""The worker's sign of life, from a thread of its own: a long build is no reason to look dead."""

from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions.domain import beats
from petitions.extensions import begin_write, db
from petitions.worker.every import Every

EVERY = 15.0
_log = structlog.get_logger("petitions.worker")


class Beats(Every):
    """Gives a sign of life at once, and then every few seconds until the end of the block."""

    def __init__(self, app: Flask, worker: str, clock: Callable[[], datetime]) -> None:
        super().__init__(EVERY, self.give, "beats", at_once=True)
        self._app = app
        self._worker = worker
        self._clock = clock

    def give(self) -> None:
        """Write one. A database that is away is no fault of ours: the next one will tell."""
        try:
            with self._app.app_context():
                begin_write()
                beats.beat(self._worker, self._clock())
                db.session.commit()
        except SQLAlchemyError as error:
            _log.warning("sign of life not written", error=type(error).__name__)
