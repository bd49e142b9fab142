"""Headers of every route: policy, caching, and no cookie anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "script-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
KEPT_BY_CACHES = {
    "reading.front", "reading.one_case", "reading.one_petition", "reading.embed", "about.about",
    "about.privacy", "machines.sitemap", "machines.robots", "api.petitions", "api.petition",
    "api.openapi", "static",
}  # fmt: skip


def policy_of(headers: Any) -> dict[str, str]:
    parts = headers["Content-Security-Policy"].split(";")
    return {part.split()[0]: " ".join(part.split()[1:]) for part in parts}


def every_address(app: Flask, tokens: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of all routes but the organiser's."""
    values = {
        "petition": OPEN, "case": OPEN, "position": 1, "filename": "site.css", "key": "nothing",
    }  # fmt: skip
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(("organiser", "security")):
                continue
            known = values | {"token": tokens.get(rule.rule.split("/")[1], "nonsense")}
            address = app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
            for method in sorted(rule.methods or ()):
                yield rule.endpoint, method, address.partition("?")[0]


def test_every_route_has_the_headers(
    app: Flask,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
) -> None:
    row = signed()
    purposes = ("confirm", "not-me", "my-signature", "unsubscribe")
    tokens = {purpose: link(purpose, row).rpartition("/")[2] for purpose in purposes}
    bare, seen = FlaskClient(app), set()  # an answer to OPTIONS is no page
    for endpoint, method, address in every_address(app, tokens):
        if endpoint == "own.act":
            continue  # withdraws what the others look at
        with app.app_context():  # each request has its own; Flask would share the test's
            answer = bare.open(address, method=method)
        answer.close()
        headers, where = answer.headers, f"{method} {address} ({answer.status_code})"
        seen.add(endpoint)
        assert answer.status_code < 500, where
        assert "Set-Cookie" not in headers, where
        assert "Cookie" not in headers.get("Vary", ""), where
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["Referrer-Policy"] == "same-origin", where
        assert "geolocation=()" in headers["Permissions-Policy"], where
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        framed = endpoint == "reading.embed" and method in {"GET", "HEAD"}
        assert policy_of(headers) == POLICY | ({"frame-ancestors": "*"} if framed else {}), where
        shared = framed or (endpoint.startswith("api.") and method in {"GET", "HEAD"})
        expected = "cross-origin" if shared else "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == expected, where
        assert "Strict-Transport-Security" not in headers, where
        kept = (
            endpoint in KEPT_BY_CACHES and method in {"GET", "HEAD"} and answer.status_code == 200
        )
        assert headers["Cache-Control"] == ("public, no-cache" if kept else "no-store"), where
        assert bool(headers.get("ETag")) is kept, where
    assert len(seen) > 25


@pytest.mark.parametrize(
    "address", ["/nothing", "/petitions/nothing", "/api/v1/nothing", "/confirm/nothing"]
)
def test_errors_have_the_headers_too(client: CheckingClient, loaded: Loaded, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert policy_of(answer.headers) == POLICY
    assert answer.headers["Cache-Control"] == "no-store"


def test_https_is_to_stay(client: CheckingClient, loaded: Loaded) -> None:
    answer = client.get("/", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_only_reading_the_api_is_open_to_other_sites(
    client: CheckingClient, loaded: Loaded
) -> None:
    origin = {"Origin": "https://news.example"}
    api = client.get("/api/v1/petitions", headers=origin)
    assert api.headers["Access-Control-Allow-Origin"] == "*"
    for address in ("/", f"/petitions/{OPEN}", "/healthz"):
        assert "Access-Control-Allow-Origin" not in client.get(address, headers=origin).headers
    assert "Access-Control-Allow-Origin" not in client.post("/api/v1/petitions").headers


def test_answers_to_forms_are_not_kept(client: CheckingClient, loaded: Loaded) -> None:
    answer = client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "name": ""})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_static_file_is_kept_for_good_under_its_own_hash(
    app: Flask, client: CheckingClient
) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="site.css")
    for url, lasting in ((address, True), ("/static/site.css", False)):
        with client.get(url) as answer:
            assert ("immutable" in answer.headers["Cache-Control"]) is lasting
            assert answer.headers["Cache-Control"].startswith("public")
