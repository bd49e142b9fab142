"""Migrated databases for tests, empty or with the demonstration: made once a run, then cloned."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.servers.postgres import PostgresServer
from tests.servers.run import once_per_run, run_directory
from tests.servers.site import ROOT
from tests.settings import settings_for

if TYPE_CHECKING:
    from flask import Flask

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
"""The moment at which tests happen and the demonstration was loaded. Pi day, a Saturday."""
EMPTY = "empty"
DEMONSTRATION = "demonstration"


def sqlite_template(contents: str = EMPTY) -> Path:
    """A migrated SQLite file, made by the first who asks. Do not open it; copy it."""
    make = _make_empty_sqlite if contents == EMPTY else _make_demonstration_sqlite
    return Path(once_per_run(f"sqlite-{contents}", make))


def postgres_template(server: PostgresServer, contents: str = EMPTY) -> str:
    """The name of a migrated database on the server, made by the first who asks."""
    make = _make_empty_postgres if contents == EMPTY else _make_demonstration_postgres
    return once_per_run(f"postgres-{contents}", lambda: make(server))


def copy_demonstration_keys(database_url: str, data_dir: Path) -> None:
    """The keys of the cases in a copy of the demonstration, to where its application looks."""
    kind = urlsplit(database_url).scheme.partition("+")[0]
    shutil.copytree(_data_dir(kind) / "keys", data_dir / "keys")


def copy_sqlite(template: Path, directory: Path) -> str:
    """A copy for one test; gives its URL."""
    copy = directory / "petitions.db"
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}"


def migrate(database_url: str, data_dir: Path, revision: str = "head") -> None:
    """What `petitions migrate` does to the schema, in this process."""
    import flask_migrate

    def upgrade(_: Flask) -> None:
        flask_migrate.upgrade(directory=str(ROOT / "migrations"), revision=revision)

    _with_application(database_url, data_dir, upgrade)


def _with_application(database_url: str, data_dir: Path, do: Callable[[Flask], None]) -> None:
    """Do something in an application's context, and leave no connection open."""
    from petitions import create_app
    from petitions.extensions import db

    app = create_app(settings_for(data_dir, database_url))
    with app.app_context():
        do(app)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _load_demonstration(app: Flask) -> None:
    from petitions.domain.demonstration import load_demonstration
    from petitions.extensions import db

    load_demonstration(NOW, app.extensions["petitions"].keyring)
    db.session.commit()


def _make_empty_sqlite() -> str:
    raw = _data_dir("empty-sqlite") / "raw.db"
    migrate(f"sqlite:///{raw}", raw.parent)
    return _settled(raw)


def _make_demonstration_sqlite() -> str:
    directory = _data_dir("sqlite")
    directory.mkdir()
    url = copy_sqlite(sqlite_template(), directory)
    _with_application(url, directory, _load_demonstration)
    return _settled(directory / "petitions.db")


def _settled(raw: Path) -> str:
    template = raw.with_name("template.db")
    # Not a plain copy: pages may still be in the write-ahead log.
    with closing(sqlite3.connect(raw)) as source, closing(sqlite3.connect(template)) as target:
        source.backup(target)
    return str(template)


def _make_empty_postgres(server: PostgresServer) -> str:
    url = server.create_database()
    migrate(url, _data_dir("empty-postgresql"))
    return _name(url)


def _make_demonstration_postgres(server: PostgresServer) -> str:
    url = server.create_database(template=postgres_template(server))
    _with_application(url, _data_dir("postgresql"), _load_demonstration)
    return _name(url)


def _data_dir(kind: str) -> Path:
    return run_directory() / f"data-{kind}"


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
