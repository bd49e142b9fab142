"""Signs of life: each worker gives one every few seconds, and whoever watches reads the last."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from petitions.extensions import db
from petitions.models import WorkerBeat

MISSED_AFTER = timedelta(seconds=60)
_FORGOTTEN_AFTER = timedelta(days=1)


def beat(worker: str, now: datetime) -> None:
    """Note that a worker runs, and forget those of days before."""
    seen = update(WorkerBeat).where(WorkerBeat.worker == worker).values(seen_at=now)
    if not db.session.execute(seen.returning(WorkerBeat.worker)).all():
        db.session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - _FORGOTTEN_AFTER))
        db.session.add(WorkerBeat(worker=worker, seen_at=now))
        db.session.flush()


def last_seen() -> datetime | None:
    """Return when any worker was last seen, or None where none was."""
    return db.session.execute(select(func.max(WorkerBeat.seen_at))).scalar_one_or_none()


def is_missed(seen_at: datetime | None, since: datetime, now: datetime) -> bool:
    """Whether no worker has been seen for a minute, of which somebody has looked since `since`."""
    last = since if seen_at is None else max(seen_at, since)
    return now - last > MISSED_AFTER
