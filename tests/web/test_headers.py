"""Headers of every route: policy, caching, and no cookie anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petitions.errors import KeyMissing
from petitions.models import Case, Petition, PetitionState
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, stamp_in
from tests.web.guarded import assert_guarded
from tests.web.proved import BUNDLE, publish_a_proof

KEPT_BY_CACHES = {
    "about.about",
    "about.accessibility",
    "about.privacy",
    "api.openapi",
    "api.petition",
    "api.petitions",
    "feeds.everything",
    "feeds.one_case",
    "letters.choose",
    "letters.sent",
    "letters.thank_you",
    "letters.write",
    "machines.robots",
    "machines.sitemap",
    "proofs.commitments",
    "proofs.one_bundle",
    "proofs.signature",
    "proofs.tag_manifest",
    "reading.embed",
    "reading.front",
    "reading.one_case",
    "reading.one_petition",
    "reading.picture",
    "reading.smaller_picture",
    "sharing.case_card",
    "sharing.code_png",
    "sharing.code_svg",
    "sharing.petition_card",
    "sharing.poster",
    "sharing.share",
    "static",
}


NOT_REACHED = {
    "handed_over.fetch",  # need a bundle that was mailed: tests/worker/test_handover_links.py
    "handed_over.look",
    "own.act",  # withdraws what the others look at
    "mailbox.index",  # there in a demonstration alone
    "mailbox.one",
    "proofs.inclusion",  # takes a bundle that the signature of the link stands in: test_proofs
}


def every_address(app: Flask, tokens: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of all routes but the organiser's."""
    values = {
        "petition": OPEN, "case": OPEN, "position": 1, "width": 320,
        "filename": "site.css", "number": 1, "key": "nothing", "bundle": BUNDLE,
        "official": "ru-investigation-committee-chairman",
    }  # fmt: skip
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith("/organiser"):
                continue  # tests/web/organiser/test_doors.py walks those
            known = values | {"token": tokens.get(rule.rule.split("/")[1], "nonsense")}
            address = app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
            for method in sorted(rule.methods or ()):
                yield rule.endpoint, method, address.partition("?")[0]


def test_every_route_has_the_headers(
    *,
    app: Flask,
    database: Any,
    site: Any,
    now: Any,
    pictured: int,
    signed: Callable[..., Any],
    link: Callable[..., str],
) -> None:
    row = signed()
    publish_a_proof(database, site, now)
    purposes = ("confirm", "not-me", "also-sign", "my-signature", "news", "unsubscribe")
    tokens = {purpose: link(purpose, row).rpartition("/")[2] for purpose in purposes}
    still_there = signed(email="bera@example.org")  # the walk takes the first one back
    tokens["also-sign"] = link("also-sign", still_there).rpartition("/")[2]
    bare = FlaskClient(app)  # an answer to OPTIONS is no page
    seen: set[str] = set()
    reached: set[str] = set()
    for endpoint, method, address in every_address(app, tokens):
        if endpoint == "own.act":
            seen.add(endpoint)
            continue
        with app.app_context():  # each request has its own; Flask would share the test's
            answer = bare.open(address, method=method)
        answer.close()
        headers, where = answer.headers, f"{method} {address} ({answer.status_code})"
        seen.add(endpoint)
        assert answer.status_code < 500, where
        assert "Set-Cookie" not in headers, where
        assert "Cookie" not in headers.get("Vary", ""), where
        framed = endpoint == "reading.embed" and method in {"GET", "HEAD"}
        shared = framed or (endpoint.startswith("api.") and method in {"GET", "HEAD"})
        assert_guarded(headers, where, framed=framed, shared=shared)
        assert "Strict-Transport-Security" not in headers, where
        kept = (
            endpoint in KEPT_BY_CACHES and method in {"GET", "HEAD"} and answer.status_code == 200
        )
        assert headers["Cache-Control"] == ("public, no-cache" if kept else "no-store"), where
        assert bool(headers.get("ETag")) is kept, where
        if method != "OPTIONS" and answer.status_code not in {404, 405, 410}:
            reached.add(endpoint)
    assert seen - reached == NOT_REACHED, "let the walk reach these, or say why it cannot"


Provoke = Callable[[], Any]


@pytest.fixture
def provoked(
    *,
    client: CheckingClient,
    app: Flask,
    loaded: Loaded,
    sign: Callable[..., Any],
    database: Any,
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[int, Provoke]:
    """An answer of each status that the site gives to what cannot be done."""

    def failing(error: Exception) -> Provoke:
        def fail(**_: Any) -> None:
            raise error

        def ask() -> Any:
            app.config["PROPAGATE_EXCEPTIONS"] = False
            monkeypatch.setitem(app.view_functions, "about.about", fail)
            return client.get("/about")

        return ask

    def paused() -> Any:
        row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
        stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
        row.state = PetitionState.PAUSED
        return client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "stamp": stamp})

    def hidden() -> Any:
        case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
        case.hidden_at, case.hidden_reason = now, "asked for"
        return client.get(f"/cases/{OPEN}")

    def guessed() -> Any:
        for number in range(31):
            answer = client.get(f"/confirm/nothing{number}")
        return answer

    foreign = {"Origin": "https://evil.example"}
    return {
        400: lambda: client.get("/", headers={"Host": "evil.example"}),
        403: lambda: client.post(f"/petitions/{OPEN}/sign", data=ANNA, headers=foreign),
        404: lambda: client.get("/nothing"),
        405: lambda: client.put("/"),
        409: paused,
        410: hidden,
        413: lambda: client.post(f"/petitions/{OPEN}/sign", data={"name": "a" * 70_000}),
        422: lambda: sign(name=""),
        429: guessed,
        500: failing(RuntimeError("secret detail")),
        503: failing(KeyMissing("secret detail")),
    }


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503])
def test_errors_have_the_headers_too(provoked: dict[int, Provoke], status: int) -> None:
    answer = provoked[status]()
    assert answer.status_code == status
    assert_guarded(answer.headers, str(status))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Traceback" not in answer.text
    assert "secret detail" not in answer.text


def test_errors_of_the_api_have_the_headers_too(client: CheckingClient, loaded: Loaded) -> None:
    for answer in (client.get("/api/v1/nothing"), client.post("/api/v1/petitions")):
        assert answer.status_code in {404, 405}
        assert_guarded(answer.headers, answer.request.path)
        assert answer.headers["Cache-Control"] == "no-store"


def test_https_is_to_stay(client: CheckingClient, loaded: Loaded) -> None:
    answer = client.get("/", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


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
