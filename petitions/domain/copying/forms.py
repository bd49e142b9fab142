"""How a value is written in a copy, and read for either database. Kinds come from the columns."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from petitions.errors import PetitionsError

FORMAT = "petitions copy 1"
_MOMENT = "%Y-%m-%d %H:%M:%S.%f"
_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.JSON, "json"),
    (sa.Boolean, "truth"),
    (sa.DateTime, "moment"),
    (sa.Date, "day"),
    (sa.LargeBinary, "bytes"),
    (sa.Integer, "number"),
    (sa.String, "text"),
)


class CopyDamaged(PetitionsError):
    """A copy is not whole, or not one of ours."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the head of a copy. `pair` joins it to the keys that were copied with it."""

    pair: str
    made_at: str
    migration: str
    audit_hash: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, and what kind of value it holds."""

    name: str
    kind: str


@dataclass(slots=True)
class Summary:
    """What stands at the end of each table: how many rows, their digest, the number to go on with.

    The digest is a sum over rows, so that it does not depend on their order.
    """

    table: str
    rows: int = 0
    total: int = 0
    following: int | None = None

    def add(self, line: str) -> None:
        """Take a row into account."""
        self.rows += 1
        digest = hashlib.sha256(line.encode()).digest()
        self.total = (self.total + int.from_bytes(digest, "big")) % (1 << 256)

    def as_json(self) -> dict[str, Any]:
        """Return what is written."""
        return {
            "end": self.table,
            "rows": self.rows,
            "digest": f"{self.total:064x}",
            "next": self.following,
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Summary":
        """Invert `as_json`."""
        return cls(found["end"], found["rows"], int(found["digest"], 16), found["next"])


@dataclass(frozen=True, slots=True)
class TableHead:
    """A table's name and its columns, in the order of each row's values."""

    table: str
    columns: tuple[Column, ...] = field(default=())


def columns_of(connection: sa.Connection, table: str) -> tuple[Column, ...]:
    """Return the columns of a table as the database knows them."""
    found = sa.inspect(connection).get_columns(table)
    return tuple(Column(one["name"], _kind(one["type"])) for one in found)


def tables_of(connection: sa.Connection) -> list[str]:
    """Return all tables but Alembic's own."""
    return sorted(set(sa.inspect(connection).get_table_names()) - {"alembic_version"})


def row_line(values: Iterable[Any], kinds: Iterable[str]) -> str:
    """Return one row as a line."""
    shown = [
        None if value is None else _WRITTEN[kind](value)
        for value, kind in zip(values, kinds, strict=True)
    ]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def row_values(line: str, kinds: Iterable[str], dialect: str) -> list[Any]:
    """Invert `row_line`, for the driver of a database."""
    reading = _FOR_SQLITE if dialect == "sqlite" else _FOR_POSTGRESQL
    return [
        None if value is None else reading.get(kind, _same)(value)
        for value, kind in zip(json.loads(line), kinds, strict=True)
    ]


def _kind(found: sa.types.TypeEngine[Any]) -> str:
    for known, kind in _KINDS:
        if isinstance(found, known):
            return kind
    raise TypeError(f"a column of type {found!r} has no form in a copy yet: add one")


def _same(value: Any) -> Any:
    return value


def _moment(value: Any) -> str:
    """SQLite keeps moments as text in UTC; PostgreSQL's driver hands them over in any zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return str(at.strftime(_MOMENT))


def _bytes(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "json": _text,
    "truth": bool,
    "moment": _moment,
    "day": str,
    "bytes": _bytes,
    "number": int,
    "text": str,
}
_FOR_SQLITE: dict[str, Callable[[Any], Any]] = {"truth": int, "bytes": base64.b64decode}
_FOR_POSTGRESQL: dict[str, Callable[[Any], Any]] = {
    "moment": lambda value: datetime.strptime(value, _MOMENT).replace(tzinfo=UTC),
    "day": date.fromisoformat,
    "bytes": base64.b64decode,
}
