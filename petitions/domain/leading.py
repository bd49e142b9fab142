"""One leader for periodic work: whoever holds its lease does it, and no other worker.

A row, not a lock of the session: it outlives a broken connection for as long as it says, and works
behind PgBouncer in transaction mode.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_

from petitions.domain.day_keys import upsert
from petitions.extensions import db
from petitions.models import Lease


def take_lead(name: str, worker: str, now: datetime, length: timedelta) -> bool:
    """Take or renew the lease of a work; return whether it is ours. The caller commits at once."""
    row = {"name": name, "holder": worker, "until": now + length}
    statement = upsert(Lease).values(row)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": worker, "until": now + length},
        where=or_(Lease.holder == worker, Lease.until <= now),
    ).returning(Lease.name)
    return db.session.execute(taken).first() is not None


def done_until(name: str, worker: str, until: datetime) -> None:
    """Let a work rest until a moment, by whoever has just done it."""
    held = db.session.get(Lease, name, populate_existing=True)
    if held is not None and held.holder == worker:
        held.until, held.holder = until, f"done by {worker}"[:40]
        db.session.flush()
