"""Reading a copy into a database that has its tables, at the copy's migration, and nothing else."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from petitions.domain.copying.dumping import sequence_of
from petitions.domain.copying.forms import (
    FORMAT,
    Column,
    CopyDamaged,
    Header,
    Summary,
    row_values,
    tables_of,
)

_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was read once from end to end, and is whole."""

    lines: Callable[[], Iterator[str]]
    header: Header
    columns: dict[str, tuple[Column, ...]]
    summaries: dict[str, Summary]
    rows: int


def open_copy(path: Path) -> Copy:
    """Read a copy through and check that it is whole. Raises CopyDamaged."""

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield line.rstrip("\n")

    try:
        return _walked(lines)
    except (ValueError, KeyError, TypeError) as error:
        raise CopyDamaged("what is in it is no copy of a petitions database") from error


def load(connection: sa.Connection, copy: Copy, progress: Callable[[int], None]) -> None:
    """Put a copy's rows in place of all rows there. The caller commits.

    Raises CopyDamaged where the database has other tables or columns than the copy.
    """
    there = set(tables_of(connection))
    if there != set(copy.columns):
        raise CopyDamaged("the copy has other tables than this program makes for its migration")
    done = 0
    with _references_aside(connection), _triggers_aside(connection):
        for table in there:
            connection.exec_driver_sql(f"DELETE FROM {_quoted(connection, table)}")  # noqa: S608  # nosec B608  # names of our own tables
        for table, part in _parts(copy):
            kinds = [column.kind for column in copy.columns[table]]
            rows = [row_values(line, kinds, connection.dialect.name) for line in part]
            _insert(connection, table, copy.columns[table], rows)
            done += len(rows)
            progress(done)
        for summary in copy.summaries.values():
            _go_on_with(connection, summary)


def _walked(lines: Callable[[], Iterator[str]]) -> Copy:
    walk = lines()
    head = json.loads(next(walk, "{}"))
    if head.pop("format", "") != FORMAT:
        raise CopyDamaged("it was made by another version, or is no copy of a petitions database")
    columns: dict[str, tuple[Column, ...]] = {}
    summaries: dict[str, Summary] = {}
    current = Summary("")
    rows, whole = 0, False
    for line in walk:
        if line.startswith("["):
            current.add(line)
            continue
        found = json.loads(line)
        if "table" in found:
            current = Summary(found["table"])
            columns[current.table] = tuple(Column(*pair) for pair in found["columns"])
        elif "end" in found:
            said = Summary.from_json(found)
            if (said.rows, said.total) != (current.rows, current.total):
                raise CopyDamaged(f"the table {said.table} is not whole in it")
            summaries[said.table] = said
            rows += said.rows
        else:
            whole = found["whole"] is True and found["rows"] == rows
    if not whole or set(columns) != set(summaries):
        raise CopyDamaged("its end is missing")
    return Copy(lines, Header(**head), columns, summaries, rows)


def _parts(copy: Copy) -> Iterator[tuple[str, list[str]]]:
    """Yield rows in parts of a thousand, each with its table."""
    walk = copy.lines()
    next(walk)
    for line in walk:
        found = json.loads(line)
        if "table" not in found:
            continue
        left = copy.summaries[found["table"]].rows
        while left:
            part = list(islice(walk, min(_AT_A_TIME, left)))
            left -= len(part)
            yield found["table"], part


@contextmanager
def _references_aside(connection: sa.Connection) -> Iterator[None]:
    """Let rows come in any order, and check all references at the end.

    On SQLite the caller has switched them off; they are checked by `check_restored`.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    query = (
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    kept = connection.exec_driver_sql(query).all()
    for table, name, _ in kept:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in kept:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


@contextmanager
def _triggers_aside(connection: sa.Connection) -> Iterator[None]:
    """Let rows come without being counted again: the copy holds the sums as well."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE signature DISABLE TRIGGER USER")
        yield
        connection.exec_driver_sql("ALTER TABLE signature ENABLE TRIGGER USER")
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    kept = connection.exec_driver_sql(query).all()
    for name, _ in kept:
        connection.exec_driver_sql(f"DROP TRIGGER {_quoted(connection, name)}")
    yield
    for _, definition in kept:
        connection.exec_driver_sql(definition)


def _insert(
    connection: sa.Connection, table: str, columns: tuple[Column, ...], rows: list[list[Any]]
) -> None:
    name = _quoted(connection, table)
    names = ", ".join(_quoted(connection, column.name) for column in columns)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  # nosec B101  # for the type checker: it is open
    if connection.dialect.name == "postgresql":
        with driver.cursor().copy(f"COPY {name} ({names}) FROM STDIN") as copied:
            for row in rows:
                copied.write_row(row)
        return
    places = ", ".join("?" for _ in columns)
    driver.executemany(f"INSERT INTO {name} ({names}) VALUES ({places})", rows)  # noqa: S608  # nosec B608  # names of our own columns


def _go_on_with(connection: sa.Connection, summary: Summary) -> None:
    """Number the next row as the database that was copied would have."""
    if connection.dialect.name == "postgresql":
        sequence = sequence_of(connection, summary.table)
        if sequence is None:
            return
        name = _quoted(connection, summary.table)
        highest = connection.exec_driver_sql(f"SELECT max(id) FROM {name}").scalar()  # noqa: S608  # nosec B608  # names of our own tables
        following = max(summary.following or 1, (highest or 0) + 1)
        query = sa.text("SELECT setval(:sequence, :following, false)")
        connection.execute(query, {"sequence": sequence, "following": following})
        return
    if summary.following is None:
        return
    query_lite = "SELECT 1 FROM sqlite_master WHERE name = :table AND sql LIKE '%AUTOINCREMENT%'"
    if connection.execute(sa.text(query_lite), {"table": summary.table}).scalar() is None:
        return
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (summary.table,))
    connection.exec_driver_sql(
        "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
        (summary.table, summary.following - 1),
    )


def _quoted(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
