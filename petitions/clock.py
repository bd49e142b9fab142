"""The only reader of time: entrances (views, commands, worker steps) call now() and pass it on."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment: timezone-aware, UTC."""
    return datetime.now(UTC)
