"""Many at once: all threads are there before the first of them begins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def at_once(do: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """Do it with each thing at the same moment; give the results in their order."""
    todo = list(things)
    ready = threading.Barrier(len(todo))

    def one(thing: T) -> R:
        ready.wait(timeout=30)
        return do(thing)

    with ThreadPoolExecutor(len(todo)) as threads:
        return list(threads.map(one, todo))


def by_a_few(do: Callable[[T], R], things: Iterable[T], *, hands: int = 8) -> list[R]:
    """Do it with each thing, a few at a time; give the results in their order."""
    with ThreadPoolExecutor(hands) as threads:
        return list(threads.map(do, things))
