"""The browser fixtures see what a person would, and what went wrong behind the page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.servers.browser import check_accessibility, check_fits, open_page

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="en" dir="ltr"><head><title>Sign</title></head>
<body><main><h1>Sign</h1><noscript><p>No script</p></noscript><p>Text</p></main>
<script src="/script.js"></script></body></html>"""
PAGES = {
    "/good": GOOD,
    "/script.js": "document.body.dataset.scripted = 'yes'",
    "/unlabelled": GOOD.replace("<p>Text</p>", "<input name='email'>"),
    "/wide": GOOD.replace("Text", "W" * 4000),
    "/inline": GOOD.replace("Text", "<b style='color: red'>Text</b>"),
    "/foreign": GOOD.replace("Text", "<img alt='' src='http://tracker.example/x.png'>"),
    "/broken": GOOD.replace("/script.js", "/broken.js"),
    "/broken.js": "nothing.here()",
}


class Handler(BaseHTTPRequestHandler):
    """Serves the pages above, under the policy that forbids inline code."""

    def do_GET(self) -> None:
        body = PAGES.get(self.path, "").encode()
        self.send_response(200 if self.path in PAGES else 404)
        kind = "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src *")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def pages() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scripts", [True, False])
def test_scripts_run_only_where_they_may(
    pages: str, new_page: Callable[..., Page], scripts: bool
) -> None:
    page = new_page(scripts=scripts, viewport="phone")
    for _ in range(2):
        page.goto(f"{pages}/good")
        assert page.locator("noscript p").is_visible() is not scripts
        check_accessibility(page)
        check_fits(page)
        assert page.locator("body").get_attribute("data-scripted") == ("yes" if scripts else None)


@pytest.mark.parametrize("scripts", [True, False])
def test_axe_finds_a_field_without_a_label(
    pages: str, new_page: Callable[..., Page], scripts: bool
) -> None:
    page = new_page(scripts=scripts)
    page.goto(f"{pages}/unlabelled")
    with pytest.raises(AssertionError, match=r"label.*critical"):
        check_accessibility(page)


def test_page_wider_than_a_phone_is_found(pages: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport="phone")
    page.goto(f"{pages}/wide")
    with pytest.raises(AssertionError, match="px wide"):
        check_fits(page)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/inline", "Content Security Policy"),
        ("/foreign", "foreign host"),
        ("/broken", "script error"),
    ],
)
def test_what_goes_wrong_behind_a_page_is_found(
    pages: str, browser: Browser, path: str, said: str
) -> None:
    with (
        pytest.raises(AssertionError, match=said),
        open_page(browser, scripts=True) as page,
    ):
        page.goto(pages + path)
