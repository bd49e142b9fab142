"""Migrated databases for tests: migrated once per run, then cloned for each test."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.postgres import PostgresServer
from tests.servers.run import once_per_run, run_directory
from tests.servers.site import ROOT
from tests.settings import settings_for


def sqlite_template() -> Path:
    """A migrated SQLite file, made by the first who asks. Do not open it; copy it."""
    return Path(once_per_run("sqlite-template", _make_sqlite_template))


def postgres_template(server: PostgresServer) -> str:
    """The name of a migrated database on the server, made by the first who asks."""
    return once_per_run("postgres-template", lambda: _make_postgres_template(server))


def copy_sqlite(template: Path, directory: Path) -> str:
    """A copy for one test; gives its URL."""
    copy = directory / "petitions.db"
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}"


def migrate(database_url: str, data_dir: Path, revision: str = "head") -> None:
    """What `petitions migrate` does to the schema, in this process."""
    import flask_migrate

    from petitions import create_app
    from petitions.extensions import db

    app = create_app(settings_for(data_dir, database_url))
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"), revision=revision)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _make_sqlite_template() -> str:
    directory = run_directory() / "sqlite-template"
    raw = directory / "raw.db"
    migrate(f"sqlite:///{raw}", directory)
    template = directory / "template.db"
    # Not a plain copy: pages may still be in the write-ahead log.
    with closing(sqlite3.connect(raw)) as source, closing(sqlite3.connect(template)) as target:
        source.backup(target)
    return str(template)


def _make_postgres_template(server: PostgresServer) -> str:
    url = server.create_database()
    migrate(url, run_directory() / "postgres-template")
    return urlsplit(url).path.removeprefix("/")
