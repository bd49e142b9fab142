"""Extension objects only: database, migrations, form tokens, limits, translations.

Here too: how a connection to each database begins, since every floor above relies on it.
"""

import sqlite3
from typing import TYPE_CHECKING, Any

from flask_babel import Babel
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

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
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()


def begin_write() -> None:
    """Open the session's transaction as a writer. Call first thing in a write entrance.

    On SQLite a deferred BEGIN that reads and then writes fails at once under contention,
    whatever busy_timeout says; IMMEDIATE waits its turn. On PostgreSQL this changes nothing.
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
        "secure_delete = ON",  # what is wiped is gone from the file's pages too
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("petitions_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _unnamed() -> str:
    raise RuntimeError("every limit names its key function: petitions.web.networks.client_network")


limiter = Limiter(key_func=_unnamed)
