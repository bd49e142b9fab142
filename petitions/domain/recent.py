"""What many ask for within moments, read once: each process for itself, for two seconds at most.

For plain values that are the same for everybody: nothing of a signer, and nothing that decides
whether a page may be shown or a form taken.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
SECONDS = 2.0
_MOST = 256


class Recent:
    """Values by their keys. With `seconds` 0 nothing is kept."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key, or make it; several threads may make it at once."""
        if not self._seconds:
            return make()
        asked_at, found = self._clock(), self._kept.get(key)
        if found is not None and asked_at - found[0] < self._seconds:
            return found[1]  # type: ignore[no-any-return]  # made under this key
        made = make()
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = (asked_at, made)
        return made
