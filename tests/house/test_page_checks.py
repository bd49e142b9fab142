"""The page checks see what they claim to see: a check that finds nothing protects nobody."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from tests.pages import CheckingClient, faults_of_page, faults_of_policy

GOOD = """<!doctype html>
<html lang="ar" dir="rtl"><head><title>Sign – Example</title>
<link rel="stylesheet" href="/static/style.css"><link rel="canonical" href="https://x.example/">
</head><body><h1>Sign</h1>{}
<form><label for="name">Name</label><input id="name" name="name"><input type="hidden" name="stamp">
<label><input type="radio" name="appearance"> In full</label><button>Sign</button></form>
</body></html>"""
SUMMARY = '<div class="error-summary"><a href="#name">Enter your name</a></div>'


def faults(body: str = "", status: int = 200, page: str = GOOD) -> list[str]:
    return list(faults_of_page(page.format(body), status, "localhost"))


def test_good_page_has_no_fault() -> None:
    assert faults() == []
    assert faults(SUMMARY, 422) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<h1>Again</h1>", "2 h1"),
        ('<p id="a"><p id="a">', 'id="a" is there 2 times'),
        ("<textarea></textarea>", "has no label"),
        ('<select aria-labelledby="nothing"></select>', "has no label"),
        ('<label for="nothing">X</label>', "points at nothing"),
        ('<input aria-label="x" aria-describedby="hint">', 'described by "hint"'),
        ('<p style="color:red">', "inline style"),
        ('<p onclick="x()">', "inline onclick"),
        ("<style>p{{}}</style>", "styles belong in a file"),
        ("<script>x()</script>", "scripts belong in a file"),
        ('<a href="JavaScript:x()">x</a>', "javascript: address"),
        ('<img alt="" src="//cdn.example/x.png">', "foreign host"),
        ('<img alt="" srcset="/a.png 1x, https://cdn.example/b.png 2x">', "foreign host"),
        ('<link rel="preload stylesheet" href="https://cdn.example/x.css">', "foreign host"),
        ('<img src="/x.png">', "has no alt"),
        (SUMMARY, "an .error-summary with status 200"),
    ],
)
def test_each_fault_is_seen(body: str, said: str) -> None:
    [fault] = faults(body)
    assert said in fault


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<h1>Sign</h1>", "", "0 h1"),
        ("<h1>Sign</h1>", "<h1> </h1>", "the h1 is empty"),
        ("<title>Sign", "<title>Example", "does not begin with"),
        ('lang="ar"', 'lang=""', "is not a language"),
        ('dir="rtl"', "", "neither ltr nor rtl"),
    ],
)
def test_head_of_a_page_is_checked(old: str, new: str, said: str) -> None:
    [fault] = faults(page=GOOD.replace(old, new))
    assert said in fault


def test_errors_are_listed_and_lead_to_the_fields() -> None:
    assert "without an .error-summary" in faults(status=422)[0]
    [fault] = faults(SUMMARY.replace("#name", "#gone"), 422)
    assert "#gone, which is not there" in fault


@pytest.mark.parametrize(
    "policy",
    [None, "script-src 'self'", "default-src 'self'; style-src 'unsafe-inline'", "default-src *"],
)
def test_weak_policy_is_a_fault(policy: str | None) -> None:
    assert len(list(faults_of_policy(policy))) == 1


def test_client_fails_on_a_faulty_page_and_passes_what_is_no_page() -> None:
    app = Flask("faulty")
    app.test_client_class = CheckingClient
    app.route("/page", endpoint="p")(lambda: Response("<p>none</p>", mimetype="text/html"))
    app.route("/data", endpoint="d")(lambda: {"no": "page"})
    redirect = Response("", 303, {"Location": "/data"}, mimetype="text/html")
    app.route("/away", endpoint="a")(lambda: redirect)
    client = app.test_client()
    assert client.get("/data").status_code == 200
    assert client.get("/away").status_code == 303
    with pytest.raises(AssertionError, match=r"(?s)GET /page.*0 h1.*Content-Security-Policy"):
        client.get("/page")
