"""Writing a copy: every table as it stands at one moment, while others read and write."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa

from petitions.domain.copying.forms import (
    FORMAT,
    Column,
    Header,
    Summary,
    columns_of,
    row_line,
    tables_of,
)

_AT_A_TIME = 1000


@dataclass(slots=True)
class Made:
    """What a copy holds, while it is written: rows so far, and what came of each table."""

    header: Header
    done: int = 0
    total: int = 0
    tables: list[Summary] = field(default_factory=list)


def begin_snapshot_of(connection: sa.Connection) -> sa.Connection:
    """Make a connection see one moment from its first question on, and hold up nobody."""
    if connection.dialect.name != "postgresql":
        return connection  # SQLite in WAL mode reads a snapshot as it is
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def prepare(connection: sa.Connection, pair: str, made_at: str) -> Made:
    """Look at a database whose snapshot has begun: where it stands, and how many rows it has."""
    migration = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    last = "SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1"
    audit_hash = connection.exec_driver_sql(last).scalar() or ""
    made = Made(Header(pair, made_at, str(migration), str(audit_hash)))
    for table in tables_of(connection):
        query = f"SELECT count(*) FROM {_quoted(connection, table)}"  # noqa: S608  # nosec B608  # names of our own tables
        made.total += connection.exec_driver_sql(query).scalar_one()
    return made


def dump(connection: sa.Connection, made: Made) -> Iterator[str]:
    """Yield a copy line by line. `made` tells how far it is, and at the end what is in it."""
    yield json.dumps({"format": FORMAT, **asdict(made.header)})
    for table in tables_of(connection):
        columns = columns_of(connection, table)
        yield json.dumps({"table": table, "columns": [[c.name, c.kind] for c in columns]})
        summary = Summary(table)
        for line in _rows(connection, table, columns):
            summary.add(line)
            made.done += 1
            yield line
        summary.following = _following(connection, table)
        made.tables.append(summary)
        yield json.dumps(summary.as_json())
    yield json.dumps({"whole": True, "rows": made.done})


def summaries(connection: sa.Connection, heads: dict[str, tuple[Column, ...]]) -> list[Summary]:
    """Return rows and digest of the tables named, as a copy of them would have."""
    found = []
    for table, columns in heads.items():
        summary = Summary(table)
        for line in _rows(connection, table, columns):
            summary.add(line)
        found.append(summary)
    return found


def _rows(connection: sa.Connection, table: str, columns: tuple[Column, ...]) -> Iterator[str]:
    kinds = [column.kind for column in columns]
    wanted = ", ".join(_selected(connection, column) for column in columns)
    query = f"SELECT {wanted} FROM {_quoted(connection, table)}"  # noqa: S608  # nosec B608  # names of our own columns
    streamed = connection.execution_options(yield_per=_AT_A_TIME)
    with streamed.exec_driver_sql(query) as rows:
        for row in rows:
            yield row_line(row, kinds)


def _selected(connection: sa.Connection, column: Column) -> str:
    """JSON comes as its text, so that nothing in it is written another way."""
    name = _quoted(connection, column.name)
    if column.kind == "json" and connection.dialect.name == "postgresql":
        return f"CAST({name} AS text)"
    return name


def _following(connection: sa.Connection, table: str) -> int | None:
    """Return the number that the next row would get: those of deleted rows never come back."""
    if connection.dialect.name == "sqlite":
        has_table = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
        if connection.exec_driver_sql(has_table).scalar() is None:
            return None
        query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        last = connection.exec_driver_sql(query, (table,)).scalar()
        return None if last is None else int(last) + 1
    sequence = sequence_of(connection, table)
    if sequence is None:
        return None
    row = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608  # nosec B608  # its name as PostgreSQL quotes it
    return int(row[0]) + int(row[1])


def sequence_of(connection: sa.Connection, table: str) -> str | None:
    """Return the sequence that numbers a table's rows on PostgreSQL, quoted, or None."""
    if "id" not in {column.name for column in columns_of(connection, table)}:
        return None
    found = connection.execute(
        sa.text("SELECT pg_get_serial_sequence(:table, 'id')"),
        {"table": _quoted(connection, table)},
    ).scalar()
    return None if found is None else str(found)


def _quoted(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
