"""A load generator: kept connections, requests made beforehand, each answer timed.

Closed loop (as fast as the connections allow) or open loop (at a rate, timed from the moment that a
request was due, so that waiting for a free connection counts).
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

CONNECTIONS = 16
_LENGTH = b"content-length:"


@dataclass(slots=True)
class Answers:
    """How requests were answered: statuses, seconds each, and the time from first to last."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.took if self.took else 0.0

    def quantile(self, part: float) -> float:
        """Return the milliseconds within which this part of the answers came."""
        ranked = sorted(self.seconds)
        return 1000 * ranked[min(len(ranked) - 1, int(part * len(ranked)))] if ranked else 0.0

    def errors(self, *wanted: int) -> int:
        """Return how many answers have another status."""
        return sum(number for status, number in self.statuses.items() if status not in wanted)


@dataclass(frozen=True, slots=True)
class Timed:
    """A request that is due some seconds after the beginning, and a word for what it is."""

    due: float
    kind: str
    data: bytes


def get(path: str, host: str, **headers: str) -> bytes:
    """Return the bytes of a request that reads."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, host: str, fields: Mapping[str, str]) -> bytes:
    """Return the bytes of a form that is sent."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: en\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def drive(port: int, requests: Iterable[bytes], connections: int = CONNECTIONS) -> Answers:
    """Send all requests as fast as the connections allow."""
    return asyncio.run(_closed(port, iter(list(requests)), connections))


async def _closed(port: int, requests: Iterator[bytes], connections: int) -> Answers:
    answers = Answers()
    begin = time.perf_counter()

    async def one_after_the_other() -> None:
        connection = Connection(port)
        for data in requests:  # the iterator is shared by all connections
            sent = time.perf_counter()
            answers.statuses[await connection.ask(data)] += 1
            answers.seconds.append(time.perf_counter() - sent)
        connection.close()

    await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
    answers.took = time.perf_counter() - begin
    return answers


class Connection:
    """One kept connection; opened anew where the server has ended it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, data: bytes) -> int:
        """Send one request; return the answer's status, 0 where the connection broke twice."""
        for _ in range(2):
            try:
                if self._writer is None:
                    pair = await asyncio.open_connection("127.0.0.1", self._port)
                    self._reader, self._writer = pair
                self._writer.write(data)
                return await self._status()
            except (OSError, asyncio.IncompleteReadError):
                self.close()
        return 0

    async def _status(self) -> int:
        assert self._reader is not None
        head = await self._reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        at = low.find(_LENGTH)
        if at >= 0:
            end = low.index(b"\r", at)
            length = int(low[at + len(_LENGTH) : end])
            if length:
                await self._reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        """Give the connection up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def paced(port: int, timed: Iterable[Timed], connections: int) -> dict[str, Answers]:
    """Send each request when it is due; return the answers by kind."""
    answers: dict[str, Answers] = {}
    waiting: asyncio.Queue[Timed | None] = asyncio.Queue()
    begin = time.perf_counter()

    async def whatever_is_due() -> None:
        connection = Connection(port)
        while (one := await waiting.get()) is not None:
            status = await connection.ask(one.data)
            of_kind = answers.setdefault(one.kind, Answers())
            of_kind.statuses[status] += 1
            of_kind.seconds.append(time.perf_counter() - begin - one.due)
        connection.close()

    people = [asyncio.create_task(whatever_is_due()) for _ in range(connections)]
    for one in timed:
        await asyncio.sleep(max(0.0, begin + one.due - time.perf_counter()))
        waiting.put_nowait(one)
    for _ in people:
        waiting.put_nowait(None)
    await asyncio.gather(*people)
    for of_kind in answers.values():
        of_kind.took = time.perf_counter() - begin
    return answers


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)
