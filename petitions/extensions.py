"""Extension objects only: database, migrations, form tokens, limits, translations.

Here too: how a connection to each database begins, since every floor above relies on it.
"""

import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, Pool, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as TooLong
from sqlalchemy.orm import DeclarativeBase

from petitions.turns import NoTurn, Turns

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = {"petitions_write": True}
"""Execution option of a write entrance: on SQLite the transaction begins with BEGIN IMMEDIATE."""


class Base(DeclarativeBase):
    """Base of all models: carries the naming convention of constraints."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
"""What every table's class derives from; to the type checker it is plain declarative."""
csrf = CSRFProtect()
babel = Babel()


class Migrations:
    """What Flask-Migrate looks for in an application, made when it first looks.

    Alembic takes 11 MB and a fifth of a second; a server and a worker need none of it.
    """

    def __init__(self, app: Flask, directory: Path) -> None:
        self.directory = str(directory)
        self._app = app
        app.extensions["migrate"] = self

    def __getattr__(self, name: str) -> Any:
        """Put Flask-Migrate's own object in this one's place, and ask that."""
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=self.directory)
        return getattr(self._app.extensions["migrate"], name)


def newest_migration(directory: Path) -> str:
    """Migrations are numbered, and a revision is the number its file begins with."""
    return max(path.name.split("_", 1)[0] for path in (directory / "versions").glob("[0-9]*_*.py"))


def begin_write() -> None:
    """Open the session's transaction as a writer. Call first thing in a write entrance.

    On SQLite a deferred BEGIN that reads and then writes fails at once under contention,
    whatever busy_timeout says; IMMEDIATE waits its turn, in a line that ends after five seconds by
    sqlalchemy's TimeoutError. On PostgreSQL this changes nothing.
    """
    db.session.connection(execution_options=WRITE)


def begin_snapshot() -> None:
    """Open the session's transaction as a writer whose reads all see one moment.

    On PostgreSQL a row changed meanwhile raises a serialization failure: the entrance tries again.
    """
    options: dict[str, Any] = dict(WRITE)
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    db.session.connection(execution_options=options)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we emit BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # acknowledged means durable
        "foreign_keys = ON",
        "busy_timeout = 5000",
        # Each signature changes some ten pages, far apart where there are millions. Copying them to
        # their places a thousand at a time (SQLite's own number) cost a third of the rate at a
        # million signatures. The worker empties the log every minute: wiped data are gone then.
        "wal_autocheckpoint = 8000",
        "secure_delete = ON",  # what is wiped is gone from the file's pages too
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if not connection.get_execution_options().get("petitions_write", False):
        connection.exec_driver_sql("BEGIN")
        return
    _take_turn(connection)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _take_turn(connection: Connection) -> None:
    """Wait in the line of writers; the turn is given back with the connection."""
    database, kept = connection.engine.url.database, connection.info
    if not database or database == ":memory:" or _TURN in kept:
        return
    turns = _turns(database)
    try:
        turns.take()
    except NoTurn as error:
        raise TooLong(str(error)) from None
    except OSError as error:  # its file cannot be made: a full disk, or one that is read-only
        raise TooLong(f"no line of writers: {error.strerror}") from None
    kept[_TURN] = turns


@event.listens_for(Pool, "checkin")
def _give_turn_back(_connection: Any, record: Any) -> None:
    turns: Turns | None = record.info.pop(_TURN, None)
    if turns is not None:
        turns.give_back()


_TURN = "petitions.turn"


@cache
def _turns(database: str) -> Turns:
    return Turns(Path(database))


@event.listens_for(Pool, "checkout")
def _look_whether_it_is_there(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that rested for a while whether its server still answers.

    SQLAlchemy's own `pool_pre_ping` asks each time: a tenth of a signature on PostgreSQL. One that
    broke within this second answers 503, with everything typed, and the next one is made anew.
    """
    rested = time.monotonic() - record.info.get(_RESTS_SINCE, 0.0)
    if isinstance(connection, sqlite3.Connection) or rested < _TRUSTED_FOR:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # whatever the driver raises, another connection is made
        raise DisconnectionError("the connection was lost while it rested") from error


@event.listens_for(Pool, "checkin")
def _note_rest(_connection: Any, record: Any) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


@event.listens_for(Engine, "handle_error")
def _leave_what_cannot_be_written(context: Any) -> None:
    """Give up connections that only read: once the database can be written to, others are made.

    Opened while the disk was read-only, or to a server that had just become a copy, they would
    refuse for as long as the process runs. All that rest are closed at once: SQLite shares among
    the connections of a process what it knows of a file, until the last of them is closed. And one
    stays open while a cursor of it does, as a traceback's.
    """
    error = context.original_exception
    sqlite_says = isinstance(error, sqlite3.OperationalError) and "readonly" in str(error)
    if sqlite_says or getattr(error, "sqlstate", None) == _READ_ONLY_TRANSACTION:
        context.is_disconnect = True
        if context.execution_context is not None:
            context.execution_context.cursor.close()
        if context.engine is not None:
            context.engine.dispose()


_READ_ONLY_TRANSACTION = "25006"
_RESTS_SINCE = "petitions.rests_since"
_TRUSTED_FOR = 1.0


def _unnamed() -> str:
    raise RuntimeError("every limit names its key function: petitions.web.networks.client_network")


limiter = Limiter(key_func=_unnamed)
