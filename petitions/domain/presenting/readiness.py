"""Whether this installation can do its work: database, migrations, disk, and a worker that runs."""

from datetime import datetime

from sqlalchemy import inspect, text

from petitions.domain import beats
from petitions.domain.condition import late_mails
from petitions.extensions import db

LEAST_FREE = 64 << 20
"""Bytes: below, the next large bundle or an hour of signing could fill the disk."""


def reasons_not_ready(
    newest: str, now: datetime, *, since: datetime, free: int | None = None
) -> list[str]:
    """Return what is amiss, in words that name nobody; nothing where all is well.

    `newest` is the newest migration of the code, `since` is when this process began to look, and
    `free` are the bytes left where the data are. The database's own errors pass through.
    """
    connection = db.session.connection()
    known = inspect(connection).has_table("alembic_version")
    at = connection.execute(text("SELECT version_num FROM alembic_version")) if known else ()
    if [*at] != [(newest,)]:
        return ["the database is not migrated: run `petitions migrate`"]
    reasons = []
    if beats.is_missed(beats.last_seen(), since, now):
        reasons.append("no worker has been seen for over a minute: start `petitions worker`")
    if number := late_mails(now):
        reasons.append(f"mails that were due over a minute ago and wait for the worker: {number}")
    if free is not None and free < LEAST_FREE:
        reasons.append(f"the disk is full: {free >> 20} MB are left where the data are")
    return reasons
