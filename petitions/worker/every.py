"""Something done again and again beside the work, from a thread of its own."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Every:
    """Calls `do` every few seconds until the end of the block; what it raises ends the thread."""

    def __init__(
        self, seconds: float, do: Callable[[], None], name: str, *, at_once: bool = False
    ) -> None:
        self._seconds = seconds
        self._do = do
        self._at_once = at_once
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def _go_on(self) -> None:
        if self._at_once:
            self._do()
        while not self._over.wait(self._seconds):
            self._do()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
