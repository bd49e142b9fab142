"""Hosts and origins: what is served, and whose forms are taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petitions.web.access import is_foreign
from tests.pages import CheckingClient
from tests.settings import settings_for
from tests.web.conftest import ANNA, OPEN, Loaded, only_sqlite, stamp_in

pytestmark = only_sqlite  # nothing here depends on the database

BASE = "https://petitions.example.org"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Any:
    return settings_for(tmp_path, database_url, PETITIONS_BASE_URL=BASE)


@pytest.fixture
def send(client: CheckingClient, loaded: Loaded) -> Callable[..., int]:
    def post(host: str = BASE, **headers: str) -> int:
        page = client.get(f"/petitions/{OPEN}", base_url=host)
        form = {**ANNA, "stamp": stamp_in(page.text)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"/petitions/{OPEN}/sign"
        return client.post(url, data=form, headers=named, base_url=host).status_code

    return post


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": BASE}, 303),
        ({"Origin": BASE.upper()}, 303),
        ({"Origin": BASE, "Sec_Fetch_Site": "same-origin"}, 303),
        ({"Sec_Fetch_Site": "same-origin"}, 303),
        ({"Sec_Fetch_Site": "none"}, 303),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://petitions.example.org"}, 403),
        ({"Origin": BASE + ":8443"}, 403),
        ({"Origin": BASE + ".evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": BASE, "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"}, 403),
    ],
)
def test_forms_are_taken_from_own_pages_alone(
    send: Callable[..., int], headers: dict[str, str], status: int
) -> None:
    assert send(**headers) == status


def test_own_host_and_base_url_are_both_own(send: Callable[..., int]) -> None:
    inside = "http://127.0.0.1:8000"
    assert send(inside, Origin=inside) == 303
    assert send(inside, Origin=BASE, Sec_Fetch_Site="cross-site") == 303
    assert send(inside, Origin="http://localhost:8000") == 403, "this is no demonstration"


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://[::1]:8000"])
def test_in_a_demonstration_the_machine_itself_is_one_host(app: Any, origin: str) -> None:
    with app.test_request_context(
        base_url="http://127.0.0.1:8000",
        headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"},
    ) as context:
        asked = context.request
        assert not is_foreign(asked, BASE, loopback_is_one_host=True)
        assert is_foreign(asked, BASE, loopback_is_one_host=False)


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:9000", "https://localhost:8000", "http://evil.example:8000", "http://[x"],
)
def test_another_port_is_another_site_in_a_demonstration_too(app: Any, origin: str) -> None:
    with app.test_request_context(
        base_url="http://127.0.0.1:8000", headers={"Origin": origin}
    ) as context:
        assert is_foreign(context.request, BASE, loopback_is_one_host=True)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("petitions.example.org", 200),
        ("PETITIONS.example.org:443", 200),
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("petitions.example.org.evil.example", 400),
        ("[::g]", 400),
        ("a b", 400),
        ("", 400),
    ],
)
def test_only_own_hosts_are_served(
    client: CheckingClient, loaded: Loaded, host: str, status: int
) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == status
    assert "evil.example" not in answer.text


def test_links_for_others_come_from_the_base_url(client: CheckingClient, loaded: Loaded) -> None:
    sitemap = client.get("/sitemap.xml", headers={"Host": "127.0.0.1:8000"}).text
    assert f"{BASE}/petitions/{OPEN}" in sitemap
    assert "127.0.0.1" not in sitemap


def test_refused_form_stores_nothing(
    send: Callable[..., int], counted: Callable[[], dict[str, int]]
) -> None:
    before = counted()
    assert send(Origin="https://evil.example") == 403
    assert counted() == before
