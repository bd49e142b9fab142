"""Bodies of requests: in time, and fields that have names."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from petitions.web import bodies
from tests.pages import CheckingClient
from tests.web.conftest import only_sqlite


class NeverComes:
    """The input of a sender that has said how much will come, and waits."""

    def __init__(self, hangs_up: threading.Event) -> None:
        self._hangs_up = hangs_up

    def read(self, _: int = -1) -> bytes:
        self._hangs_up.wait(30)
        return b""

    readline = read


@pytest.fixture
def hangs_up() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@only_sqlite
@pytest.mark.parametrize(
    "length", [{"CONTENT_LENGTH": "900"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
)
def test_body_that_does_not_come_is_given_up(
    client: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    hangs_up: threading.Event,
    length: dict[str, Any],
) -> None:
    monkeypatch.setattr(bodies, "WITHIN", 0.2)
    chunked = {"wsgi.input_terminated": "CONTENT_LENGTH" not in length}
    began = time.monotonic()
    answer = client.post(
        "/my-signature",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": NeverComes(hangs_up), **length, **chunked},
    )
    assert answer.status_code == 400
    assert time.monotonic() - began < 10, "nobody waited for the sender to hang up"


def test_longer_body_has_more_time() -> None:
    asked: list[float] = []

    def app(environ: dict[str, Any], _: Any) -> list[bytes]:
        asked.append(environ["wsgi.input"]._until - time.monotonic())
        return []

    for length in ("900", str(100 * bodies.SLOWEST)):
        bodies.InTime(app)({"CONTENT_LENGTH": length, "wsgi.input": None}, None)
    assert asked[0] < bodies.WITHIN + 1
    assert asked[1] > 100


@only_sqlite
def test_part_without_a_name_is_left_out(client: CheckingClient) -> None:
    part = b"--x\r\nContent-Disposition: form-data\r\n\r\nnobody's\r\n"
    named = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nno address\r\n'
    for path, status in (("/my-signature", 422), ("/organiser/login", 403)):
        answer = client.post(
            path, data=part + named + b"--x--", content_type="multipart/form-data; boundary=x"
        )
        assert answer.status_code == status
    assert "nobody" not in answer.text
