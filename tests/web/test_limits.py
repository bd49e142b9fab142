"""Limits per network; and signing goes on when Redis is gone or hangs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select

from petitions.errors import ConfigurationError
from petitions.models import Mail, MailKind
from petitions.web.networks import pseudonym
from tests.pages import CheckingClient
from tests.settings import settings_for
from tests.web.conftest import ANNA, OPEN, Loaded, only_sqlite, stamp_in, typed_values

pytestmark = only_sqlite  # nothing here depends on the database

Sign = Callable[..., Any]


@pytest.fixture
def storage(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "memory://")


@pytest.fixture
def settings(tmp_path: Path, database_url: str, storage: str) -> Any:
    return settings_for(
        tmp_path,
        database_url,
        PETITIONS_SIGN_LIMIT="3 per minute",
        PETITIONS_SLOW_LANE="2 per minute",
        PETITIONS_ASK_LIMIT="4 per minute",
        PETITIONS_RATELIMIT_STORAGE_URL=storage,
        PETITIONS_TRUSTED_PROXIES="1",
    )


def from_(address: str) -> dict[str, str]:
    return {"HTTP_X_FORWARDED_FOR": address}


def test_pseudonym_changes_each_day(app: Flask) -> None:
    with app.app_context():
        days = [datetime(2026, 3, day, tzinfo=UTC) for day in (14, 15)]
        assert len({pseudonym("192.0.2.7", day) for day in days}) == 2
        assert "192" not in pseudonym("192.0.2.7", days[0])


def test_too_many_signatures_from_one_network_wait_with_all_they_typed(
    client: CheckingClient, loaded: Loaded, sign: Sign, counted: Callable[[], dict[str, int]]
) -> None:
    for number in range(3):
        assert sign(email=f"n{number}@example.org", environ=from_("192.0.2.7")).status_code == 303
    rows = counted()
    answer = sign(email="late@example.org", news="yes", environ=from_("192.0.2.7"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert counted() == rows
    again = typed_values(answer.text)
    assert {name: again.get(name) for name in ANNA} == {**ANNA, "email": "late@example.org"}
    assert again["news"] == "yes"
    assert sign(email="late@example.org", environ=from_("192.0.2.8")).status_code == 303


def test_too_many_for_a_petition_that_is_not_there(client: CheckingClient, loaded: Loaded) -> None:
    answers = [client.post("/petitions/nobody/sign", data=ANNA).status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]


def test_busy_network_is_taken_in_alike_and_its_mail_waits(
    loaded: Loaded, sign: Sign, counted: Callable[[], dict[str, int]], database: Any
) -> None:
    answers, written = set(), []
    for number in range(3):
        before = counted()
        answer = sign(email=f"n{number}@example.org", environ=from_("192.0.2.7"))
        answers.add((answer.status, tuple(answer.headers.items()), answer.data))
        written.append({table: n - before[table] for table, n in counted().items()})
    assert len(answers) == 1
    assert written[1] == written[2]
    assert sign(email="other@example.org", environ=from_("192.0.2.8")).status_code == 303
    asking = select(Mail).where(Mail.kind == MailKind.SIGNING).order_by(Mail.id)
    mails = database.session.execute(asking).scalars().all()
    assert [mail.held for mail in mails] == [None, None, "busy network", None]
    assert [(mail.not_before - mail.created_at).seconds for mail in mails] == [0, 0, 30, 0]


def test_wait_in_the_slow_lane_grows_and_is_bounded(app: Flask) -> None:
    from petitions.web.limits import LONGEST_IN_SLOW_LANE, wait_in_slow_lane

    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "192.0.2.99"}):
        waits = [wait_in_slow_lane() for _ in range(60)]
    assert waits == sorted(waits)
    assert waits[:4] == [timedelta(seconds=s) for s in (0, 0, 30, 60)]
    assert waits[-1] == LONGEST_IN_SLOW_LANE


def test_form_that_is_too_large_is_told_to_wait_as_well(
    client: CheckingClient, loaded: Loaded, sign: Sign
) -> None:
    for number in range(3):
        sign(email=f"n{number}@example.org")
    answer = client.post(f"/petitions/{OPEN}/sign", data={"name": "x" * 70_000})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_limit_ends_with_its_window(
    client: CheckingClient, loaded: Loaded, sign: Sign, frozen_time: Any
) -> None:
    for number in range(4):
        answer = sign(email=f"n{number}@example.org")
    frozen_time.shift(int(answer.headers["Retry-After"]) + 1)
    assert sign(email="n3@example.org").status_code == 303


def test_one_ipv6_network_is_one_client(loaded: Loaded, sign: Sign) -> None:
    answers = [
        sign(email=f"n{n}@example.org", environ=from_(f"2001:db8:0:1::{n}")).status_code
        for n in range(4)
    ]
    assert answers == [303, 303, 303, 429]
    other = sign(email="m@example.org", environ=from_("2001:db8:0:2::1"))
    assert other.status_code == 303


def test_forged_forwarded_addresses_do_not_help(loaded: Loaded, sign: Sign) -> None:
    answers = [
        sign(email=f"n{n}@example.org", environ=from_(f"198.51.100.{n}, 192.0.2.7")).status_code
        for n in range(4)
    ]
    assert answers == [303, 303, 303, 429]


def test_reading_is_not_limited(client: CheckingClient, loaded: Loaded) -> None:
    assert {client.get(f"/petitions/{OPEN}").status_code for _ in range(50)} == {200}


def test_asking_for_links_is_limited(client: CheckingClient, loaded: Loaded) -> None:
    answers = [client.post("/my-signature", data={"email": "x"}).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    assert client.get("/my-signature").status_code == 200


def test_guessing_tokens_is_limited_and_good_ones_never_are(
    client: CheckingClient, loaded: Loaded, sign: Sign, link: Callable[..., str], signed: Any
) -> None:
    row = signed()
    pages = ("confirm", "not-me", "my-signature", "also-sign")
    answers = [client.get(f"/{pages[n % 4]}/guess{n}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    refused = client.post("/confirm/guess")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    for page in pages:
        assert client.get(link(page, row)).status_code == 200
    assert client.post(link("confirm", row)).status_code == 303


def test_using_good_tokens_uses_up_nothing(
    client: CheckingClient, loaded: Loaded, link: Callable[..., str], signed: Any
) -> None:
    url = link("confirm", signed())
    assert {client.get(url).status_code for _ in range(40)} == {200}
    assert client.get("/confirm/guess").status_code == 404


@pytest.mark.parametrize(
    "name", ["PETITIONS_SIGN_LIMIT", "PETITIONS_SLOW_LANE", "PETITIONS_ASK_LIMIT"]
)
def test_limit_that_is_no_limit_is_refused_at_the_start(
    tmp_path: Path, database_url: str, name: str
) -> None:
    from petitions import create_app

    settings = settings_for(tmp_path, database_url, **{name: "a lot"})
    with pytest.raises(ConfigurationError, match=name):
        create_app(settings)


class TestRedis:
    @pytest.fixture
    def storage(self, redis_url: str) -> str:
        return redis_url

    def test_limits_hold_in_redis_without_an_address_in_it(
        self, running: Loaded, sign: Sign, redis_url: str
    ) -> None:
        answers = [
            sign(email=f"n{n}@example.org", environ=from_("192.0.2.7")).status_code
            for n in range(4)
        ]
        assert answers == [303, 303, 303, 429]
        keys = redis.Redis.from_url(redis_url).keys()
        assert keys
        assert all(b"fixed-window" in key and b"192" not in key for key in keys)


class TestRedisThatDoesNotAnswer:
    @pytest.fixture(params=["gone", "hangs", "hangs after connecting"])
    def storage(self, request: pytest.FixtureRequest) -> Iterator[str]:
        """A port that nobody listens on; one that never accepts; one that accepts and is silent."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            host, port = server.getsockname()
            fillers = []
            if request.param == "hangs after connecting":
                server.listen(100)
            elif request.param == "hangs":
                server.listen(0)
                for _ in range(4):  # fill the queue, so that a connection is not even made
                    filler = socket.socket()
                    filler.setblocking(False)  # its only argument
                    filler.connect_ex((host, port))
                    fillers.append(filler)
            yield f"redis://{host}:{port}"
            for filler in fillers:
                filler.close()

    def test_signing_goes_on_and_waits_for_it_a_quarter_of_a_second_at_most(
        self,
        client: CheckingClient,
        running: Loaded,
        app: Flask,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
        patience: list[float] = []
        connect = redis.Connection.connect

        def counted(connection: redis.Connection) -> None:
            # Where no connection comes about, there is nothing to read.
            patience.append(max(connection.socket_connect_timeout, connection.socket_timeout))
            connect(connection)

        monkeypatch.setattr(redis.Connection, "connect", counted)

        def sign(number: int) -> int:
            form = {**ANNA, "stamp": stamp, "email": f"{number}@example.org"}
            url, environ = f"/petitions/{OPEN}/sign", from_("192.0.2.1")
            return client.post(url, data=form, environ_overrides=environ).status_code

        reset_fallback()
        assert sign(0) == 303
        assert patience, "it was asked"
        assert sum(patience) < 0.25
        assert [sign(number) for number in (1, 2, 3)] == [303, 303, 429], "limits hold in memory"


def reset_fallback() -> None:
    """As at the start of a process: nobody has noticed yet."""
    from petitions.extensions import limiter

    limiter._storage_dead = False
    limiter._Limiter__last_check_backend = 0
    limiter._Limiter__check_backend_count = 0


def test_whoever_is_under_way_while_the_store_goes_is_let_through(
    loaded: Loaded, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another request has just noticed: the limiter would have answered this one 500."""
    from petitions.extensions import limiter

    def fail(*_: object, **__: object) -> bool:
        monkeypatch.setattr(limiter, "_storage_dead", True)
        raise ConnectionError("the store is gone")

    monkeypatch.setattr(limiter.limiter, "hit", fail)
    assert sign().status_code == 303
