"""Undoing migrations, where the data allow: what would be lost is worked out before.

The difference between two migrations is seen on an empty database in memory, and then it is asked
whether the real one has anything where the older one has no place.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Connection

Places = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Loss:
    """A table or column that the older version has not, and how many rows hold something there."""

    what: str
    rows: int


def go_back(app: "Flask", number: str) -> None:
    """Undo all migrations after a number."""
    from flask_migrate import downgrade

    with app.app_context():
        downgrade(directory=app.extensions["migrate"].directory, revision=number)


def losses(app: "Flask", number: str) -> list[Loss]:
    """Return what the older version has no place for, and is there."""
    from petitions.cli.schema import schema_of
    from petitions.extensions import db

    current = schema_of(app).current or number
    folder = Path(app.extensions["migrate"].directory)
    before, after = _places(folder, number), _places(folder, current)
    lost: list[Loss] = []
    with app.app_context(), db.engine.connect() as connection:
        for table in sorted(after):
            if table not in before:
                lost.append(Loss(f"table {table}", _rows(connection, table)))
                continue
            lost += [
                Loss(f"{table}.{column}", _told(connection, table, column))
                for column in sorted(after[table] - before[table])
            ]
    return [one for one in lost if one.rows and one.what not in _OF_NO_CONSEQUENCE]


_OF_NO_CONSEQUENCE = frozenset(
    {"table worker_beat", "table lease"}
    | {"table tally", "table tally_of_day", "table tally_change"}
)
"""Written anew within seconds, or counted anew from the signatures."""


def _places(folder: Path, number: str) -> Places:
    """Return tables and columns at a migration, as they are made on an empty database."""
    import sqlalchemy as sa
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    from petitions.extensions import db

    scripts = ScriptDirectory(str(folder))
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with engine.connect() as connection:
        # With the names that constraints get in the real one.
        opts = {"target_metadata": db.metadata}
        with Operations.context(MigrationContext.configure(connection, opts=opts)):
            for script in reversed(list(scripts.iterate_revisions(number, "base"))):
                script.module.upgrade()
        looked = sa.inspect(connection)
        places = {
            table: {str(column["name"]) for column in looked.get_columns(table)}
            for table in looked.get_table_names()
        }
    engine.dispose()
    return places


def _rows(connection: "Connection", table: str) -> int:
    import sqlalchemy as sa

    query = sa.select(sa.func.count()).select_from(sa.table(table))
    return int(connection.execute(query).scalar_one())


def _told(connection: "Connection", table: str, column: str) -> int:
    """Count rows in which a column says more than nothing: no, zero, and empty say nothing."""
    import sqlalchemy as sa

    found: Any = sa.column(column)
    query = sa.select(found, sa.func.count()).select_from(sa.table(table)).group_by(found)
    try:
        rows = connection.execute(query).all()
    except sa.exc.ProgrammingError:  # JSON cannot be grouped on PostgreSQL
        connection.rollback()
        text = sa.cast(found, sa.Text)
        query = sa.select(text, sa.func.count()).select_from(sa.table(table)).group_by(text)
        rows = connection.execute(query).all()
    return sum(number for value, number in rows if value and value not in {"[]", "{}", "null"})
