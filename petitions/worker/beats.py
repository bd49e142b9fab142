"""The worker's sign of life, from a thread of its own: a long build is no reason to look dead."""

import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions.domain import beats
from petitions.extensions import begin_write, db

EVERY = 15.0
_log = structlog.get_logger("petitions.worker")


class Beats:
    """Gives a sign of life at once, and then every few seconds until the end of the block."""

    def __init__(self, app: Flask, worker: str, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._worker = worker
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="beats", daemon=True)

    def give(self) -> None:
        """Write one. A database that is away is no fault of ours: the next one will tell."""
        try:
            with self._app.app_context():
                begin_write()
                beats.beat(self._worker, self._clock())
                db.session.commit()
        except SQLAlchemyError as error:
            _log.warning("sign of life not written", error=type(error).__name__)

    def _keep(self) -> None:
        self.give()
        while not self._over.wait(EVERY):
            self.give()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
