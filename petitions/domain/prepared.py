"""Statements of the paths that thousands take at once: compiled once, run at the driver.

Building and compiling a statement anew costs ten times what SQLite needs to run it. What is run
here is SQLAlchemy's own text for the database in use, with its own conversions of values on the
way in; rows come back as the driver has them. Everything is in the session's transaction.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import BindParameter, ClauseElement, Connection, Dialect, Table, bindparam
from sqlalchemy.exc import DBAPIError

from petitions.extensions import Model, db

_Binds = list[tuple[str, Callable[[Any], Any] | None, Any]]


def table_of(model: type[Model]) -> Table:
    """Return the table of a model: statements about it pass the ORM by."""
    return cast("Table", model.__table__)


def binds_of(table: type[Model], suffix: str = "") -> dict[str, BindParameter[Any]]:
    """Return a typed bind for each column of a table's new row, the id that it is given aside.

    Types are said: SQLAlchemy infers them for the first row of an INSERT alone.
    """
    columns = [column for column in table_of(table).c if column.name != "id"]
    return {one.name: bindparam(one.name + suffix, type_=one.type) for one in columns}


class Prepared:
    """One statement. `make` builds it from the name of the database's dialect."""

    def __init__(self, make: Callable[[str], ClauseElement]) -> None:
        self._make = make
        self._compiled: dict[str, tuple[str, _Binds, bool]] = {}

    def rows(self, **values: Any) -> list[Any]:
        """Run it, and return its rows as tuples."""
        return self._run(values).fetchall()  # type: ignore[no-any-return]  # the driver's

    def row(self, **values: Any) -> Any:
        """Run it, and return its first row as a tuple, or None."""
        return self._run(values).fetchone()

    def run(self, **values: Any) -> int:
        """Run it, and return how many rows it changed."""
        return int(self._run(values).rowcount)

    def _run(self, values: Mapping[str, Any]) -> Any:
        connection, driver = _connected()
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compiled(self._make(dialect.name), dialect)
        sql, binds, positional = found
        sent: Any
        if positional:
            sent = [_bound(values, *bind) for bind in binds]
        else:
            sent = {bind[0]: _bound(values, *bind) for bind in binds}
        try:
            return driver.execute(sql, sent)
        except dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(error, sql, connection) from error


def _connected() -> tuple[Connection, Any]:
    """Return the session's connection and the driver's own, looked up once in a transaction."""
    session = db.session()
    transaction = session.get_transaction()
    kept = session.info.get(_KEPT_AS)
    if transaction is not None and kept is not None and kept[0] is transaction:
        return kept[1], kept[2]
    connection = session.connection()
    driver = connection.connection.driver_connection
    session.info[_KEPT_AS] = (session.get_transaction(), connection, driver)
    return connection, driver


_KEPT_AS = "petitions.driver"


def _bound(
    values: Mapping[str, Any], name: str, convert: Callable[[Any], Any] | None, fixed: Any
) -> Any:
    value = values.get(name, fixed)
    return value if convert is None else convert(value)


def _compiled(statement: ClauseElement, dialect: Dialect) -> tuple[str, _Binds, bool]:
    """Return text, binds in their order, and whether they are told by position alone."""
    compiled: Any = statement.compile(dialect=dialect)
    if getattr(compiled, "insert_prefetch", None) or getattr(compiled, "update_prefetch", None):
        raise TypeError("a prepared statement names the values of all columns with a default")
    fixed = compiled.construct_params(_check=False)
    names = compiled.positiontup if compiled.positional else list(compiled.bind_names.values())
    binds = [(name, compiled._bind_processors.get(name), fixed.get(name)) for name in names]
    return str(compiled), binds, bool(compiled.positional)


def _as_sqlalchemy_says(error: Exception, sql: str, connection: Connection) -> BaseException:
    """Return the error that entrances know, without the values that were sent."""
    dialect = connection.dialect
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )
