"""Building bundles in the background: one build at a time, in a thread beside the mails.

Freezing is one short transaction for each official; files are written from read transactions, as
`petitions bundles build` does it. A worker that ends gives the build back; one that is killed stops
renewing its lease, and another worker goes on with what is not done yet.
"""

import shutil
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from petitions import logs
from petitions.clock import now as clock_now
from petitions.documents.typesetting import TypesettingProblem, UnprintableText
from petitions.domain import build_work, outgoing, relief
from petitions.domain.build_work import BuildLost
from petitions.domain.bundle_files import WrittenFile, write_file
from petitions.domain.site import Site
from petitions.errors import BundleRefused, CaseSealed, KeysDestroyed
from petitions.extensions import begin_snapshot, begin_write, db
from petitions.models import Bundle
from petitions.worker.leases import Leases

NOTED_EVERY = 0.5
ENDS_WITHIN = 1.0
"""Seconds that a build under way may still take once the worker is asked to stop."""
_TRIES = 5
_BREATH = 0.2
"""Seconds between two freezes: SQLite's writers do not queue, and signers wait meanwhile."""
R = TypeVar("R")
_log = structlog.get_logger("petitions.worker")


class BuildStep:
    """Starts the next build where none is under way; its thread goes on between turns."""

    def __init__(self, app: Flask, worker: str, clock: Callable[[], datetime] = clock_now) -> None:
        self._app = app
        self._worker = worker
        self._clock = clock
        self._stopping = threading.Event()
        self._building: tuple[int, threading.Thread] | None = None

    def take(self, now: datetime) -> bool:
        """Start a build that waits; there is never more to do at once."""
        if self._building is not None and self._building[1].is_alive():
            return False
        self._building = None
        build_id = self._claim(now)
        if build_id is not None:
            builder = Builder(self._app, self._worker, build_id, self._stopping, self._clock)
            thread = threading.Thread(target=builder.build, name="build", daemon=True)
            self._building = (build_id, thread)
            thread.start()
        return False

    def close(self) -> None:
        """Stop building, and give back what is not done."""
        self._stopping.set()
        if self._building is None:
            return
        build_id, thread = self._building
        thread.join(ENDS_WITHIN)
        if thread.is_alive():  # amid a long list; what it still does changes nothing any more
            try:
                with self._app.app_context():
                    begin_write()
                    build_work.give_back(build_id, self._worker)
                    db.session.commit()
            except SQLAlchemyError as error:  # its lease ends by itself
                _log.warning("build not let go", build=build_id, error=type(error).__name__)

    def _claim(self, now: datetime) -> int | None:
        with self._app.app_context():
            if not build_work.anything_due(now) or relief.gives_way(relief.Lane.BUNDLES):
                return None
            db.session.rollback()
            begin_write()
            build_id = build_work.claim(self._worker, now)
            db.session.commit()
        return build_id


class _Stopped(Exception):
    """The worker is asked to stop."""


class Builder:
    """Does one build that its worker holds, from where it was left."""

    def __init__(
        self,
        app: Flask,
        worker: str,
        build_id: int,
        stopping: threading.Event,
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._worker = worker
        self._id = build_id
        self._stopping = stopping
        self._clock = clock
        self._leases: Leases | None = None
        self._noted_at = float("-inf")

    def build(self) -> None:
        """Freeze, write, finish. Whatever goes wrong, the build is given back or tried again."""
        leases = Leases(self._app, self._worker, [self._id], self._clock, build_work.renew)
        with leases:
            self._leases = leases
            if what_then := self._built():
                what_then()

    def _built(self) -> Callable[[], None] | None:
        """Build; return what is to be done where that did not come to its end.

        It is done once the error's frames are gone: a list that was read half keeps its statement
        open, and SQLite refuses to write on a connection that still reads what was there before.
        """
        try:
            self._freeze_all()
            self._write_all()
            self._write(build_work.finish, self._clock())
        except _Stopped:
            return self._stopped
        except BuildLost:
            _log.info("build is no longer ours", build=self._id)
        except Exception as error:  # whatever it is, the build must not hang
            _log.error("build failed", build=self._id, error=logs.where(error))
            return partial(self._failed, error.with_traceback(None))
        else:
            _log.info("bundles built", build=self._id)
        return None

    def _stopped(self) -> None:
        self._let_go(build_work.give_back)

    def _failed(self, _error: Exception) -> None:
        self._let_go(build_work.retry_later, self._clock())

    def _working_folder(self) -> Path:
        """Make an empty folder to write in, on the disk that finished files lie on."""
        return outgoing.working_folder(self._site, self._id, self._worker)

    def _ready(self, _bundle_id: int, written: WrittenFile) -> Path:
        """Return what of a written file is kept."""
        return written.path

    def _freeze_all(self) -> None:
        while self._freeze_next():
            self._stopping.wait(_BREATH)
            self._go_on()

    def _freeze_next(self) -> bool:
        for attempt in range(1, _TRIES + 1):
            self._go_on()
            with self._app.app_context():
                try:
                    begin_snapshot()
                    more = build_work.freeze_next(self._id, self._worker, self._clock())
                    # A long freeze kept the renewing thread waiting.
                    build_work.renew([self._id], self._worker, self._clock())
                    db.session.commit()
                except (OperationalError, IntegrityError):
                    # A signature changed, or another build took the number, while this was frozen.
                    db.session.rollback()
                    if attempt == _TRIES:
                        raise
                else:
                    return more
        raise AssertionError("unreachable")

    def _write_all(self) -> None:
        folder = self._working_folder()
        try:
            done = self._write(build_work.set_total)
            with self._app.app_context():
                todo = [
                    (bundle.id, build_work.weight(bundle))
                    for bundle in build_work.bundles_to_write(self._id)
                ]
            for bundle_id, weight in todo:
                self._write_one(bundle_id, folder, done, weight)
                done += weight
                self._note(done)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _write_one(self, bundle_id: int, folder: Path, done: int, weight: int) -> None:
        def report(stage: str, rows: int, total: int) -> None:
            self._go_on()
            # Reading the rows and setting the list take about as long as each other.
            part = {"entries": 0.5, "list": 1.0}.get(stage, 0.0)
            before = 0.5 if stage == "list" else 0.0
            if part and total:
                self._note(done + int(weight * (before + (part - before) * rows / total)))

        with self._app.app_context():
            bundle = db.session.get_one(Bundle, bundle_id)
            try:
                written = write_file(self._site, bundle, folder, report)
            except (BundleRefused, CaseSealed, KeysDestroyed, TypesettingProblem) as refusal:
                db.session.rollback()
                self._write(build_work.note_unwritten, bundle_id, _plain(refusal))
                return
        try:
            self._keep(bundle_id, written)
        except BundleRefused as refusal:  # somebody in it was erased while it was written
            written.path.unlink(missing_ok=True)
            self._write(build_work.note_unwritten, bundle_id, _plain(refusal))

    def _keep(self, bundle_id: int, written: WrittenFile) -> None:
        lying = self._ready(bundle_id, written)
        with self._app.app_context():
            begin_write()
            bundle = db.session.get_one(Bundle, bundle_id)
            build_work.keep_file(
                self._site,
                self._id,
                self._worker,
                bundle,
                written=written,
                lying=lying,
                now=self._clock(),
            )
            db.session.commit()

    def _note(self, done: int) -> None:
        """Note how far it is, at most twice a second; a busy database is no reason to stop."""
        if time.monotonic() - self._noted_at < NOTED_EVERY:
            return
        self._noted_at = time.monotonic()
        try:
            self._write(build_work.note_progress, done)
        except SQLAlchemyError as error:
            _log.warning("progress not noted", build=self._id, error=type(error).__name__)

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise _Stopped
        if self._leases is not None and self._leases.lost(self._id):
            raise BuildLost

    def _write(self, change: Callable[..., R], *values: object) -> R:
        """Make one short change in a transaction of its own."""
        with self._app.app_context():
            begin_write()
            result = change(self._id, self._worker, *values)
            db.session.commit()
            return result

    def _let_go(self, change: Callable[..., None], *values: object) -> None:
        """Let others have the build; where that fails, its lease ends by itself."""
        try:
            self._write(change, *values)
        except (BuildLost, SQLAlchemyError) as error:
            _log.warning("build not let go", build=self._id, error=type(error).__name__)


def _plain(refusal: Exception) -> str:
    if isinstance(refusal, UnprintableText):  # in their order they might be a name
        return f"no installed font can print: {' '.join(sorted(set(refusal.characters)))}"
    return str(refusal)
