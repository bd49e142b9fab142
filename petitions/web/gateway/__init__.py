"""The way in from granian: kept pages without a thread, bodies without a thread, all else with one.

granian's own WSGI way gives each request a thread before its body is there, and a thread that reads
a body which never comes is not free before its sender hangs up. Here (RSGI, granian's asynchronous
interface) bodies are awaited, with a deadline; threads are for requests that are complete.
"""

import asyncio
import types
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from flask import Flask

from petitions.web.gateway.awaiting import Bodies, TooMany
from petitions.web.gateway.environ import environ_of
from petitions.web.gateway.files import SentFile, send_file
from petitions.web.page_cache import page_cache_of

WAITING = 512
"""Complete requests that may wait for a thread; more are told to come back."""
_BUSY = (
    [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("retry-after", "5"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ],
    b"The site is very busy. Nothing was stored. Please go back, and try again in a moment.\n",
)
Sent = tuple[int, list[tuple[str, str]], bytes | SentFile]


class Gateway:
    """An RSGI application around a Flask one. `threads` answer requests."""

    def __init__(self, app: Flask, threads: int) -> None:
        settings = app.config["SETTINGS"]
        self._wsgi_app = app.wsgi_app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._most = threads + WAITING
        self._inside = 0
        self._bodies = Bodies()
        # Behind a proxy only it knows how readers come, unless the base URL says so.
        secure = settings.base_url.startswith("https://")
        self._cache = page_cache_of(app) if secure or not settings.trusted_proxies else None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing is needed of the loop before requests come."""

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the threads once all is answered."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if self._cache is not None and scope.method in {"GET", "HEAD"} and "%" not in scope.path:
            get = scope.headers.get
            kept = self._cache.peek(
                scope.method,
                scope.scheme,
                get("host", ""),
                scope.path,
                scope.query_string,
                languages=get("accept-language", ""),
                encodings=get("accept-encoding", ""),
                none_match=get("if-none-match"),
            )
            if kept is not None:
                protocol.response_bytes(int(kept.status[:3]), kept.headers, kept.body)
                return
        await _over_to_the_loop()
        await self._ask_the_house(scope, protocol)

    async def _ask_the_house(self, scope: Any, protocol: Any) -> None:
        if self._inside >= self._most:
            protocol.response_bytes(503, *_BUSY)
            return
        environ = environ_of(scope)
        try:
            environ["wsgi.input"] = await self._bodies.body_of(environ, protocol)
        except TooMany:
            protocol.response_bytes(503, *_BUSY)
            return
        self._inside += 1
        try:
            loop = asyncio.get_running_loop()
            status, headers, body = await loop.run_in_executor(
                self._threads, _answer, self._wsgi_app, environ
            )
        finally:
            self._inside -= 1
            environ["wsgi.input"].close()
        if isinstance(body, SentFile):
            send_file(protocol, status, headers, body)
        else:
            protocol.response_bytes(status, headers, body)


@types.coroutine
def _over_to_the_loop() -> Generator[None, None, None]:
    """Let go once: what comes after it runs on the event loop, see `loop.EagerLoop`."""
    yield


def _answer(wsgi_app: Any, environ: dict[str, Any]) -> Sent:
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        told[:] = [int(status[:3]), headers]

    try:
        answer: Iterable[bytes] = wsgi_app(environ, start_response)
        if isinstance(answer, SentFile):
            return told[0], told[1], answer
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
    except Exception as error:  # whatever the house lets through: this reader gets an answer
        structlog.get_logger(__name__).error("request failed", error=type(error).__name__)
        return 500, [("content-type", "text/plain"), ("cache-control", "no-store")], b""
    return told[0], told[1], body
