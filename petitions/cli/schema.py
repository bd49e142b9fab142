"""Which migration the database stands at, which is the newest, and how to get there."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from petitions.errors import ConfigurationError

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class Schema:
    """Two revisions: what the database has, or None where it is empty, and what the code needs."""

    current: str | None
    newest: str

    @property
    def is_ready(self) -> bool:
        """Whether nothing is to be done."""
        return self.current == self.newest


@dataclass(frozen=True, slots=True)
class Step:
    """One migration: its number, and what it does, as its first line says."""

    number: str
    what: str


def steps_of(app: "Flask") -> list[Step]:
    """Return all migrations, oldest first."""
    import ast

    found = []
    for path in sorted((_folder(app) / "versions").glob("[0-9]*_*.py")):
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found.append(Step(path.name.split("_", 1)[0], told.split("\n")[0].rstrip(".")))
    return found


def schema_of(app: "Flask") -> Schema:
    """Look at the database. Raises OperationalError where it does not answer."""
    from sqlalchemy import inspect, text

    from petitions.extensions import db, newest_migration

    with app.app_context(), db.engine.connect() as connection:
        current = None
        if inspect(connection).has_table("alembic_version"):
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return Schema(current, newest_migration(_folder(app)))


def refuse_wrong_vault_key(app: "Flask") -> None:
    """Raise KeyMissing where the key ring was made with another vault key."""
    keyring = app.extensions["petitions"].keyring
    if keyring.has_signing_key():
        keyring.signing_key()


def refuse_unmigrated(app: "Flask") -> None:
    """Raise ConfigurationError where the database is not at the newest migration.

    Raises KeyMissing where the vault key is not that of this site.
    """
    refuse_wrong_vault_key(app)
    schema = schema_of(app)
    if schema.current is None:
        raise ConfigurationError("the database is not set up: run `petitions migrate` first")
    if schema.current > schema.newest:
        raise ConfigurationError(
            f"the database is at migration {schema.current}, newer than this program knows "
            f"({schema.newest}): install the newer version of petitions"
        )
    if not schema.is_ready:
        raise ConfigurationError(
            f"the database is at migration {schema.current}, and {schema.newest} is needed: "
            "run `petitions migrate` first"
        )


def set_up_at(app: "Flask", revision: str) -> None:
    """Give an empty database the tables of an earlier, or the newest, migration."""
    from flask_migrate import upgrade

    with app.app_context():
        upgrade(directory=str(_folder(app)), revision=revision)


def bring_up_to_date(app: "Flask") -> Schema:
    """Run the migrations that are missing and return where the database stood before."""
    before = schema_of(app)
    if before.current is not None and before.current > before.newest:
        refuse_unmigrated(app)
    if not before.is_ready:
        from flask_migrate import upgrade  # Alembic takes 0.2 s to import: only where needed

        with app.app_context():
            upgrade(directory=str(_folder(app)))
    return before


def _folder(app: "Flask") -> Path:
    return Path(app.extensions["migrate"].directory)
