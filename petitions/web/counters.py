"""Counters of limits in the memory of one process.

The store that comes with `limits` starts a thread at nearly every count, and walks over all
networks a hundred times a second: measured, it cost more than everything else about a limit. This
one clears up as it counts, when so much has been counted as there are counters.
"""

from threading import Lock

from limits.storage.base import Storage

from petitions.clock import now

SCHEME = "petitions-memory"


class Counters(Storage):
    """Counts by key, each with its end."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as the base class has it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._kept: dict[str, tuple[int, float]] = {}
        self._lock = Lock()
        self._until_clearing = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing that is known."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the number of this window."""
        moment = now().timestamp()
        with self._lock:
            number, end = self._kept.get(key, (0, 0.0))
            if end <= moment:
                number, end = 0, moment + expiry
            self._kept[key] = (number + amount, end)
            self._until_clearing -= 1
            if self._until_clearing < 0:
                self._clear_up(moment)
        return number + amount

    def get(self, key: str) -> int:
        """Return the number of this window."""
        number, end = self._kept.get(key, (0, 0.0))
        return number if end > now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """Return when this window ends."""
        return self._kept.get(key, (0, now().timestamp()))[1]

    def check(self) -> bool:
        """It is always there."""
        return True

    def reset(self) -> int:
        """Forget all; return how many counters there were."""
        with self._lock:
            number = len(self._kept)
            self._kept.clear()
        return number

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._kept.pop(key, None)

    def _clear_up(self, moment: float) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if kept[1] > moment}
        self._until_clearing = max(1000, len(self._kept))
