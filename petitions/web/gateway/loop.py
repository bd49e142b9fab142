"""An event loop that lets a request begin where granian hands it over.

Between the two lies a wake-up of another thread, which costs more than giving out a kept page. So a
request's coroutine takes its first step at once; most end there. Others go on on the loop, as all
would on asyncio's own: which thread the first step is in makes no difference to them.
"""

import asyncio
from collections.abc import Callable
from types import CoroutineType
from typing import Any

from granian import loops


class EagerLoop(asyncio.SelectorEventLoop):
    """asyncio's loop; a coroutine that is handed to it from another thread begins there."""

    def call_soon_threadsafe(  # type: ignore[override]  # looser than typeshed's, the same in use
        self, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """Call back soon, unless it is about a coroutine that ends with its first step."""
        if args and type(args[0]) is CoroutineType:
            try:
                args[0].send(None)
            except StopIteration:
                return _DONE
        return super().call_soon_threadsafe(callback, *args, context=context)


def register() -> None:
    """Have granian use this loop."""

    @loops.register("auto")
    def build() -> EagerLoop:
        made = EagerLoop()
        asyncio.set_event_loop(made)
        return made


class _Done(asyncio.Handle):
    def __init__(self) -> None:
        """Nothing is left to be called."""

    def cancel(self) -> None:
        """Nothing is left to be cancelled."""


_DONE = _Done()
