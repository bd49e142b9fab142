"""Whether kept pages may still be shown: the public state, as this process saw it last.

A look that fails lets nothing be shown from here: whoever asks goes through the whole house.
"""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock

import structlog
from sqlalchemy.exc import SQLAlchemyError

from petitions.clock import now
from petitions.domain.public_state import PublicState
from petitions.domain.relief import Lane

LOOKED_EVERY = 0.4
"""Seconds after which the next reader looks again."""
LONGEST = 0.8
"""Seconds that a look is good for while another one is on its way: hiding takes less than one."""
_WAITS = 2.0


class Watch:
    """Counts the public states seen: a page of another `generation` is not shown."""

    def __init__(
        self,
        look: Callable[[], PublicState],
        *,
        seconds: Callable[[], float] = time.perf_counter,
        moment: Callable[[], datetime] = now,
    ) -> None:
        self.seconds = seconds
        self.moment = moment
        self.generation = 0
        self.ends_at: datetime | None = None
        self.pages_give_way = False
        self._look = look
        self._seen: PublicState | None = None
        self._looked_at = float("-inf")
        self._claimed_until = float("-inf")
        self._lock = Lock()

    def holds(self, at: float) -> bool:
        """Tell, without waiting, whether the state last seen may be relied on.

        One of those who ask when a look is due is told no, and looks; the others go on.
        """
        if self.ends_at is not None and self.moment() >= self.ends_at:
            return False
        age = at - self._looked_at
        if age < LOOKED_EVERY:
            return True
        if age >= LONGEST or at >= self._claimed_until:
            self._claimed_until = at + LONGEST / 4
            return False
        return True

    def look(self) -> bool:
        """Look again where that is due, or wait for who is looking; tell whether that worked."""
        asked_at = self.seconds()
        if not self._lock.acquire(timeout=_WAITS):
            return False
        try:
            over = self.ends_at is not None and self.moment() >= self.ends_at
            if not over and asked_at - self._looked_at < LOOKED_EVERY:
                return True  # somebody looked while this one waited, or shortly before
            return self._look_again()
        finally:
            self._lock.release()

    def _look_again(self) -> bool:
        began = self.seconds()
        try:
            seen = self._look()
        except SQLAlchemyError as error:
            structlog.get_logger(__name__).warning("no look at pages", error=type(error).__name__)
            self._looked_at = float("-inf")
            return False
        if seen != self._seen:
            self._seen, self.ends_at = seen, seen.ends_at
            self.pages_give_way = Lane.PAGES in seen.gives_way
            self.generation += 1
        self._looked_at = began
        return True
