"""Retention: what is deleted when its time is over. Here: signatures never confirmed, old day keys.

Nothing is decided about anybody by hand here, and nothing confirmed is touched.
"""

from datetime import datetime

from sqlalchemy import select, text

from petitions.domain.expiry import CONFIRM_WITHIN, expire
from petitions.extensions import db
from petitions.models import Signature, SignatureState


def expire_unconfirmed(now: datetime, most: int = 500) -> int:
    """Delete signatures that were not confirmed within a week; return how many.

    They are counted by petition and day, and mails about them are cancelled. At most `most` go at
    once, so that nobody who signs waits long: the caller commits, and repeats while any went.
    """
    ids = _unconfirmed(now, most)
    return expire(ids, now) if ids else 0


def _unconfirmed(now: datetime, most: int) -> list[int]:
    query = (
        select(Signature.id)
        .where(Signature.state == SignatureState.PENDING)
        .where(Signature.created_at < now - CONFIRM_WITHIN)
        .order_by(Signature.created_at)
        .limit(most)
    )
    if db.engine.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)  # two workers share the work
    return list(db.session.execute(query).scalars())


def forget_written_pages() -> None:
    """Empty SQLite's write-ahead log: what was wiped in a table is still in its old pages.

    Call outside of a transaction. Readers or writers at work only put it off to the next call. On
    PostgreSQL old row versions go with its own vacuum.
    """
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
