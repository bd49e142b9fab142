"""Column types that all models share: aware times, enumerations kept as checked text, countries."""

import enum
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps it without zone, PostgreSQL with it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(values: type[enum.StrEnum], name: str) -> sa.Enum:
    """A text column that a check constraint holds to the values of an enumeration."""
    return sa.Enum(
        values,
        name=name,
        native_enum=False,  # a new value is a small migration on both databases
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


Country = sa.String(2)
"""ISO 3166-1 alpha-2, upper case."""
Language = sa.String(12)
"""BCP 47, as in 'en', 'uz' or 'zh-Hant'."""
Slug = sa.String(80)
Line = sa.String(300)
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""64-bit key; SQLite autoincrements only plain INTEGER."""
