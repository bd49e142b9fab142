"""The process that builds the bundles of a sealed case: started, and ended on record."""

import threading
from functools import partial

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from petitions.clock import now
from petitions.domain import build_work
from petitions.domain.build_work import BuildLost
from petitions.domain.unlocked_builds import Handover
from petitions.extensions import begin_write, db
from petitions.web.organiser import children

_COMMAND = children.command_of("build-unlocked")
_log = structlog.get_logger("petitions.web")


def start(app: Flask, handed: Handover) -> threading.Thread | None:
    """Start the process of a build; return the thread that notices its end.

    Where it cannot be started, the build is interrupted, and there is none.
    """
    job = f"build {handed.build_id}"
    end = partial(_end, app, handed.build_id, handed.worker)
    return children.start(_COMMAND, handed.line(), job, end)


def _end(app: Flask, build_id: int, worker: str) -> None:
    """Mark a build as interrupted whose process is gone, unless it did its work."""
    with app.app_context():
        try:
            begin_write()
            build_work.interrupt(build_id, worker, now())
            db.session.commit()
        except BuildLost:  # done, or ended by somebody else
            db.session.rollback()
        except SQLAlchemyError as error:  # its lease ends by itself
            _log.warning("build not let go", build=build_id, error=type(error).__name__)
