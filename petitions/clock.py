"""The only reader of time: entrances (views, commands, worker steps) call now() and pass it on."""

from datetime import UTC, date, datetime, timedelta

_LAST = date(9998, 12, 31)


def now() -> datetime:
    """Return the present moment: timezone-aware, UTC."""
    return datetime.now(UTC)


def day_after(day: date) -> date:
    """Return the next day. It never leaves the calendar, whatever somebody typed as a last day."""
    return min(day, _LAST) + timedelta(days=1)
