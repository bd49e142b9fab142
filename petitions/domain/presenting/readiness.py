"""Whether this installation can do its work: database, migrations, disk, and a worker that runs."""

import os
from datetime import datetime

from sqlalchemy import Connection, inspect, text

from petitions.domain import beats
from petitions.domain.condition import late_mails
from petitions.extensions import db

LEAST_FREE = 64 << 20
"""Bytes: below, the next large bundle or an hour of signing could fill the disk."""


def only_reads(connection: Connection) -> bool:
    """Whether nothing can be written: a disk that turned read-only, a server that is a copy."""
    if connection.dialect.name == "postgresql":
        return bool(connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on")
    file = connection.engine.url.database
    return bool(file) and not os.access(str(file), os.W_OK)


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
    # A newer one is no reason: the version before goes on while its successor is put in place.
    if not any(number >= newest for (number,) in at):
        return ["the database is not migrated: run `petitions migrate`"]
    reasons = []
    if only_reads(connection):
        reasons.append("the database can only be read: nothing can be signed")
    if beats.is_missed(beats.last_seen(), since, now):
        reasons.append("no worker has been seen for over a minute: start `petitions worker`")
    if number := late_mails(now):
        reasons.append(f"mails that were due over a minute ago and wait for the worker: {number}")
    if free is not None and free < LEAST_FREE:
        reasons.append(f"the disk is full: {free >> 20} MB are left where the data are")
    return reasons
