"""The way in from the server: requests that never come to an end, answers that nobody takes."""

from __future__ import annotations

import asyncio
import io
import socket
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, request, send_file

from petitions.web import bodies
from petitions.web.gateway import Gateway, awaiting, files
from petitions.web.gateway.environ import environ_of
from petitions.web.gateway.loop import EagerLoop
from tests.servers.databases import (
    DEMONSTRATION,
    copy_demonstration_keys,
    copy_sqlite,
    sqlite_template,
)
from tests.servers.site import LiveSite
from tests.settings import environ_for
from tests.web.conftest import OPEN

MANY = 200
FORM = "application/x-www-form-urlencoded"
PAGE = f"/petitions/{OPEN}"


# In this process, with a server made of paper.


class Headers:
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return self._pairs

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for key, value in self._pairs if key == name), default)


def scope(method: str = "GET", path: str = "/", **headers: str) -> Any:
    named = [(name.replace("__", "-").lower(), value) for name, value in headers.items()]
    return SimpleNamespace(
        method=method,
        path=path,
        query_string="",
        scheme="http",
        http_version="1.1",
        server="127.0.0.1:80",
        client="[::1]:4000",
        authority=None,
        headers=Headers([("host", "localhost"), *named]),
    )


class Protocol:
    """Gives parts of a body, and then, where it `hangs`, nothing more."""

    def __init__(self, *parts: bytes, hangs: bool = False) -> None:
        self._parts, self._hangs = parts, hangs
        self.taken = 0
        self.answer: tuple[Any, ...] = ()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            self.taken += len(part)
            yield part
        if self._hangs:
            await asyncio.Event().wait()

    def response_bytes(self, *answer: Any) -> None:
        self.answer = answer

    response_file = response_bytes


@pytest.fixture
def echo(tmp_path: Path) -> Flask:
    made = Flask("echo")
    made.config.update(
        SETTINGS=SimpleNamespace(base_url="http://localhost", trusted_proxies=0),
        MAX_CONTENT_LENGTH=64 * 1024,
    )

    @made.post("/")
    @made.post("/organiser/upload")
    def give_back() -> Any:
        return Response(request.get_data(), mimetype="text/plain")

    @made.get("/file")
    def file() -> Any:
        path = tmp_path / "bundle.zip"
        path.write_bytes(b"bundle")
        opened = path.open("rb")
        path.unlink()
        return send_file(opened, "application/zip")

    @made.get("/made")
    def in_memory() -> Any:
        return send_file(io.BytesIO(b"made"), "application/zip")

    return made


def ask(app: Flask, asked: Any, protocol: Protocol) -> tuple[Any, ...]:
    async def once() -> None:
        await Gateway(app, 2).__rsgi__(asked, protocol)
        await asyncio.sleep(0)  # what is due is done

    with ThreadPoolExecutor(1) as thread:  # this one may have a browser's loop running
        thread.submit(asyncio.run, once()).result()
    return protocol.answer


def test_body_reaches_the_view(echo: Flask) -> None:
    status, _, body = ask(echo, scope("POST", content__length="4"), Protocol(b"na", b"me", b""))
    assert (status, body) == (200, b"name")
    status, _, body = ask(echo, scope("POST", transfer__encoding="chunked"), Protocol(b"name"))
    assert (status, body) == (200, b"name")


def test_body_that_does_not_come_is_answered_without_it(
    echo: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "WITHIN", 0.05)
    began = time.monotonic()
    status, *_ = ask(echo, scope("POST", content__length="900"), Protocol(b"name", hangs=True))
    assert status == 400
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("length", ["65537", str(10**30), "-1", "0x10", "many"])
def test_body_that_is_too_long_by_its_own_word_is_not_read(echo: Flask, length: str) -> None:
    protocol = Protocol(b"x" * 1000, hangs=True)
    status, *_ = ask(echo, scope("POST", content__length=length), protocol)
    assert status in {200, 413}
    assert protocol.taken == 0


def test_no_more_of_a_body_is_read_than_is_taken(echo: Flask) -> None:
    protocol = Protocol(*[b"x" * 16_000] * 100)
    status, *_ = ask(echo, scope("POST", transfer__encoding="chunked"), protocol)
    assert status == 413
    assert protocol.taken <= awaiting.FORM + 16_000


def test_few_uploads_come_at_once(echo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaiting, "_UPLOADS_AT_ONCE", 0)
    asked = scope("POST", "/organiser/upload", content__length="100000")
    status, headers, _ = ask(echo, asked, Protocol(b"x" * 100_000))
    assert status == 503
    assert dict(headers)["retry-after"]
    assert ask(echo, scope("POST", content__length="1"), Protocol(b"x"))[0] == 200


def test_file_is_sent_from_the_disk_even_if_it_is_removed(
    echo: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_OPENED_WITHIN", 0)
    protocol = Protocol()
    read: list[bytes] = []
    monkeypatch.setattr(
        protocol, "response_file", lambda *sent: read.append(Path(sent[2]).read_bytes())
    )
    ask(echo, scope(path="/file"), protocol)
    assert read == [b"bundle"]
    assert ask(echo, scope(path="/made"), Protocol())[2] == b"made"


def test_header_that_passes_for_another_one_is_left_out() -> None:
    environ = environ_of(scope(x_forwarded_for="6.6.6.6", x__forwarded__for="1.2.3.4"))
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert environ["REMOTE_ADDR"] == "::1"


def test_who_comes_when_too_many_wait_is_told_to_come_back(
    echo: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.web.gateway.WAITING", -2)
    status, headers, _ = ask(echo, scope(path="/made"), Protocol())
    assert status == 503
    assert dict(headers)["cache-control"] == "no-store"


def test_request_begins_where_it_is_handed_over_and_goes_on_on_the_loop() -> None:
    with ThreadPoolExecutor(1) as thread:  # this one may have a browser's loop running
        begun, ended = thread.submit(two_requests).result()
    assert begun == ["short", "begun"]
    assert ended == ["short", "begun", "long"]


def two_requests() -> tuple[list[str], list[str]]:
    """What was done when both were handed over, and when the loop had run."""
    loop, done = EagerLoop(), list[str]()

    async def short() -> None:
        done.append("short")

    async def long() -> None:
        done.append("begun")
        await asyncio.sleep(0)
        done.append("long")
        loop.stop()

    loop.call_soon_threadsafe(loop.create_task, short())
    loop.call_soon_threadsafe(loop.create_task, long())
    begun = list(done)
    loop.run_forever()
    loop.close()
    return begun, done


# As an operator runs it.


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    directory = tmp_path_factory.mktemp("served")
    (directory / "data").mkdir()
    url = copy_sqlite(sqlite_template(DEMONSTRATION), directory)
    copy_demonstration_keys(url, directory / "data")
    environ = environ_for(directory / "data", url, PETITIONS_PAGE_CACHE_MB="8")
    with LiveSite(environ, directory=directory / "site", worker=False) as site:
        yield site


def connect(site: LiveSite, stack: ExitStack, request: bytes) -> socket.socket:
    address = urlsplit(site.url)
    opened = stack.enter_context(socket.socket())
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    opened.settimeout(30)
    opened.connect((address.hostname, address.port))
    opened.sendall(request)
    return opened


def read_whole(opened: socket.socket) -> bytes:
    whole = b""
    while part := opened.recv(65536):
        whole += part
    return whole


def get(site: LiveSite, path: str) -> bytes:
    with ExitStack() as stack:
        return read_whole(connect(site, stack, _get(site, path)))


def _get(site: LiveSite, path: str) -> bytes:
    host = urlsplit(site.url).netloc
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


def test_pages_are_read_and_forms_sent_while_hundreds_send_and_take_nothing(
    served: LiveSite,
) -> None:
    """Neither a form half sent nor a page that is not taken costs the others a thread."""
    host = urlsplit(served.url).netloc
    half = f"POST {PAGE}/sign HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\n".encode()
    whole = half + b"Connection: close\r\nContent-Length: 5\r\n\r\nname="
    half += b"Content-Length: 900\r\n\r\nname="
    with ExitStack() as stack:
        slow = [connect(served, stack, half) for _ in range(MANY)]
        for path in (PAGE, "/static/site.css"):  # kept, and more than fits into a socket
            for _ in range(MANY // 2):
                connect(served, stack, _get(served, path))
        for _ in range(3):
            assert get(served, PAGE).startswith(b"HTTP/1.1 200")
            assert get(served, "/healthz").startswith(b"HTTP/1.1 200")
            assert read_whole(connect(served, stack, whole)).startswith(b"HTTP/1.1 422")
        answers = [read_whole(one) for one in slow]
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 400"}, "and then hung up"
    assert get(served, PAGE).startswith(b"HTTP/1.1 200")


def test_served_page_comes_packed_and_with_its_headers(served: LiveSite) -> None:
    first, second = get(served, PAGE), get(served, PAGE)
    for answer in (first, second):
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"content-security-policy" in head
        assert b"\r\nconnection: close" in head
        assert head.count(b"\r\ncontent-length:") == 1
    assert first.partition(b"\r\n\r\n")[2] == second.partition(b"\r\n\r\n")[2]
