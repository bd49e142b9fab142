"""The only reader of time. Entrances (views, commands, worker steps) call now() and pass it down."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment: timezone-aware, UTC."""
    return datetime.now(UTC)
