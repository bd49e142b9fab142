"""What is read of a request's body: within which time, and which of its fields.

Whoever sends slowly is answered 400 after a while, as if they had gone. `petitions serve` awaits
bodies before it spends a thread on them, see gateway; under another server the layer here does.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from flask import Flask, Request
from werkzeug.formparser import FormDataParser

WITHIN = 8.0
"""Seconds for a form of any network."""
SLOWEST = 8 * 1024
"""Bytes per second that a longer body must come with: an organiser's pictures, over a phone."""
IS_THERE = "petitions.body_is_there"
"""In an environ: the server has read the body in time, or says itself that it did not come."""
_AT_ONCE = 256
"""Many more than requests are answered at once: the thread that reads a body which never comes is
not free before its sender hangs up."""


class NamedFields(FormDataParser):
    """A parser of forms that leaves out parts without a name: nobody asks for them by None."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is left of the stream, fields and files."""
        stream, form, files = super().parse(*args, **kwargs)
        return stream, self._named(form), self._named(files)

    def _named(self, fields: Any) -> Any:
        if None not in fields:
            return fields
        return self.cls([one for one in fields.items(multi=True) if one[0] is not None])


class NamedRequest(Request):
    """Flask's request, whose fields all have names."""

    form_data_parser_class = NamedFields


class InTime:
    """WSGI middleware around the input of a request."""

    def __init__(self, wsgi_app: Any) -> None:
        self._wsgi_app = wsgi_app
        self._readers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="body")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request whose body, where there is one, must come in time."""
        length = environ.get("CONTENT_LENGTH") or "0"
        comes = length != "0" or "HTTP_TRANSFER_ENCODING" in environ
        if comes and IS_THERE not in environ:
            seconds = seconds_for(length)
            environ["wsgi.input"] = _Input(environ["wsgi.input"], self._readers, seconds)
        answer: Iterable[bytes] = self._wsgi_app(environ, start_response)
        return answer


class _Input:
    """A body; reading it raises TimeoutError when its time is over."""

    def __init__(self, body: Any, readers: ThreadPoolExecutor, seconds: float) -> None:
        self._body = body
        self._readers = readers
        self._until = time.monotonic() + seconds

    def read(self, size: int = -1) -> bytes:
        return self._within(self._body.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._within(self._body.readline, size)

    def _within(self, read: Callable[[int], bytes], size: int) -> bytes:
        reading: Future[bytes] = self._readers.submit(read, size)
        return reading.result(max(0.0, self._until - time.monotonic()))


def seconds_for(length: str) -> float:
    """Return how long a body may take that says it is so long, if it says so."""
    return WITHIN + (int(length) / SLOWEST if length.isdecimal() else 0.0)


def register(app: Flask) -> None:
    """Hold the bodies of requests to this."""
    app.request_class = NamedRequest
    app.wsgi_app = InTime(app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it
