"""Database, migrations, key ring, clock, worker, backups, and where limits are counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from petitions.cli.checkup.finding import Finding, good, look, mend
from petitions.cli.house import site_of

if TYPE_CHECKING:
    from flask import Flask

_AHEAD = timedelta(seconds=60)
_BACKUP_IS_OLD = timedelta(days=8)
_CONNECTIONS = 40
"""A web process holds thirty at most, and a worker, commands and an operator need some."""


def check_store(app: "Flask", now: datetime) -> Iterator[Finding]:
    """Look at the database as far as it answers; what needs it is left out where it does not."""
    from petitions.cli.refusals import refusal_of
    from petitions.cli.schema import refuse_unmigrated, schema_of
    from petitions.domain.presenting.readiness import only_reads
    from petitions.errors import ConfigurationError, KeyMissing
    from petitions.extensions import db

    try:
        schema_of(app)
    except Exception as error:  # of whatever driver; said in the words of refusals
        said = refusal_of(error) or type(error).__name__
        yield mend("database", said, "start it, or mend PETITIONS_DATABASE_URL")
        return
    yield good("database", "it answers")
    try:
        refuse_unmigrated(app)
    except KeyMissing as error:
        yield mend(
            "key ring", str(error),
            "set PETITIONS_VAULT_KEY to the value of before; the keys half of a backup has it",
        )  # fmt: skip
        return
    except ConfigurationError as error:
        said, _, do = str(error).partition(": ")
        yield mend("migrations", said, do)
        return
    yield good("migrations", "the newest")
    with app.app_context():
        if only_reads(db.session.connection()):
            yield mend(
                "database", "it can only be read: nothing can be signed",
                "mend it and restart: a read-only disk, another user's file, a copy of a server",
            )  # fmt: skip
        yield from _inside(app, now)
        db.session.rollback()


def _inside(app: "Flask", now: datetime) -> Iterator[Finding]:
    from petitions.domain.copying import check_keys

    keys = check_keys(site_of(app).keyring)
    if keys.wrong:
        yield mend("key ring", keys.wrong, "restore the folder keys from the keys half of a backup")
    else:
        yield good("key ring", keys.seen)
    yield from _postgresql(now)
    yield _clock(now)
    yield _worker(now)
    yield _late(now)
    yield _backup(now)


def _postgresql(now: datetime) -> Iterator[Finding]:
    from sqlalchemy import text

    from petitions.extensions import db

    if db.engine.dialect.name != "postgresql":
        return
    if db.session.execute(text("SHOW synchronous_commit")).scalar_one() == "off":
        yield mend(
            "durability", "synchronous_commit is off: a power cut loses what was acknowledged",
            "set synchronous_commit = on in postgresql.conf",
        )  # fmt: skip
    most = int(db.session.execute(text("SHOW max_connections")).scalar_one())
    if most < _CONNECTIONS:
        yield look(
            "connections", f"PostgreSQL allows {most}",
            f"set max_connections to {_CONNECTIONS} or more, and 30 more for each web process",
        )  # fmt: skip
    there: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    if abs((there - now).total_seconds()) > _AHEAD.total_seconds():
        yield mend(
            "clock of the database", f"it says {there.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            "keep the time with NTP on both machines",
        )  # fmt: skip


def _clock(now: datetime) -> Finding:
    """What was written in the future was written before the clock was set back."""
    from sqlalchemy import func, select

    from petitions.extensions import db
    from petitions.models import AuditEntry, Signature

    newest = [
        db.session.execute(select(func.max(column))).scalar_one_or_none()
        for column in (Signature.created_at, AuditEntry.at)
    ]
    ahead = [at for at in newest if at is not None and at > now + _AHEAD]
    if ahead:
        return mend(
            "clock", f"at {now:%Y-%m-%d %H:%M} UTC, there are rows of {max(ahead):%Y-%m-%d %H:%M}",
            "set it right (timedatectl set-ntp true): links expire and mails go by it",
        )  # fmt: skip
    return good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _worker(now: datetime) -> Finding:
    from petitions.domain import beats

    seen = beats.last_seen()
    if seen is None or now - seen > beats.MISSED_AFTER:
        when = "never" if seen is None else f"last at {seen:%Y-%m-%d %H:%M} UTC"
        return mend(
            "worker", f"none runs; seen {when}",
            "start `petitions worker`: without it no mail is sent",
        )  # fmt: skip
    return good("worker", f"seen {int((now - seen).total_seconds())} seconds ago")


def _late(now: datetime) -> Finding:
    from petitions.domain.condition import late_mails

    if number := late_mails(now):
        return mend(
            "queue", f"{number} mails were due over a minute ago",
            "see worker and mail above; `petitions mails` says what waits and why",
        )  # fmt: skip
    return good("queue", "no mail is late")


def _backup(now: datetime) -> Finding:
    from petitions.domain.condition import backed_up_at

    made = backed_up_at()
    if made is None or now - made > _BACKUP_IS_OLD:
        when = "there was never one" if made is None else f"the last is of {made:%Y-%m-%d}"
        return look("backup", when, "run `petitions backup` each night: docs/backup.md")
    return good("backup", f"{made:%Y-%m-%d %H:%M} UTC")


def check_limits_store(url: str) -> Finding:
    """Ask Redis, where limits are counted there."""
    if url.startswith("memory"):
        return good("limits", "counted in memory: for one web process")
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return mend(
            "limits", f"Redis does not answer ({type(error).__name__})",
            "start it, or mend PETITIONS_RATELIMIT_STORAGE_URL; each process counts alone now",
        )  # fmt: skip
    return good("limits", "Redis answers")
