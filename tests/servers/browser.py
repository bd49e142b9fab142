"""Chromium for tests, with scripts and without, and axe to check a page as a person meets it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.servers.run import UnavailableError
from tests.setup.provide_tools import UNPACKED_BROWSER, browser_path

VIEWPORTS = {
    "phone": {"width": 360, "height": 640},
    "tablet": {"width": 820, "height": 1180},
    "desktop": {"width": 1280, "height": 800},
}
_ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # A browser that looks up its maker's hosts waits for them where there is no network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How long at most: a machine with much else to do is no reason to fail.
_PATIENCE = 30_000
_OWN_HOSTS = {"127.0.0.1", "localhost"}
# WCAG 2.2 up to AA, and what axe calls good practice.
_AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@contextmanager
def open_browser() -> Iterator[Browser]:
    """One browser for many tests.

    Raises UnavailableError where there is none.
    """
    path = browser_path()
    if path is None:
        raise UnavailableError("no browser: neither Debian's nor npm's Chromium could be had")
    arguments = list(_ARGUMENTS)
    environment: dict[str, str | float | bool] = dict(os.environ)
    if path.is_relative_to(UNPACKED_BROWSER):
        # npm's build brings its own libraries and fonts, and cannot fork by zygote.
        arguments.append("--no-zygote")
        environment["LD_LIBRARY_PATH"] = str(UNPACKED_BROWSER / "lib")
        environment["FONTCONFIG_FILE"] = str(UNPACKED_BROWSER / "fonts.conf")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments, env=environment)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's browser window; remembers what went wrong behind the page."""

    def __init__(
        self, browser: Browser, *, scripts: bool, viewport: str, **context_options: Any
    ) -> None:
        options: dict[str, Any] = {"viewport": VIEWPORTS[viewport], "locale": "en-GB"}
        self.scripts = scripts
        self._context = browser.new_context(**(options | context_options))
        self._context.set_default_timeout(_PATIENCE)
        self.page = self._context.new_page()
        self._devtools = self._context.new_cdp_session(self.page)
        self._allow_scripts(scripts)
        self.faults: list[str] = []
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self._context.on("request", self._note_request)

    def check(self) -> None:
        """Fails on script errors, content security violations and requests to foreign hosts."""
        assert not self.faults, "behind the page:\n" + "\n".join(self.faults)

    def faults_found_by_axe(self) -> list[dict[str, Any]]:
        """axe needs scripts, timers too: without scripts it would wait for ever.

        The page was parsed and laid out with scripts off (noscript parts are shown, the site's own
        scripts did not run); they are allowed just for axe, and the page's own stay as they were.
        """
        whole(self.page)
        self._allow_scripts(True)
        try:
            results = Axe().run(self.page, options=_AXE_OPTIONS)
        finally:
            self._allow_scripts(self.scripts)
        return list(results.response["violations"])

    def stays(self) -> None:
        """The page is not loaded anew by itself, as one that waits for something would be."""
        self._devtools.send("Page.stopLoading")

    def close(self) -> None:
        self._context.close()

    def _allow_scripts(self, allowed: bool) -> None:
        # Not Playwright's own java_script_enabled: what that turns off, axe cannot turn on again.
        self._devtools.send("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def _note_console(self, message: ConsoleMessage) -> None:
        # A 404 or 422 that the test asked for is reported as an error too.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _OWN_HOSTS:
            self.faults.append(f"asked a foreign host: {request.url}")


_visits: dict[Page, Visit] = {}


@contextmanager
def open_page(
    browser: Browser, *, scripts: bool, viewport: str = "desktop", **context_options: Any
) -> Iterator[Page]:
    """A page of its own, checked at the end for what went wrong behind it."""
    visit = Visit(browser, scripts=scripts, viewport=viewport, **context_options)
    _visits[visit.page] = visit
    try:
        yield visit.page
        visit.check()
    finally:
        del _visits[visit.page]
        visit.close()


def whole(page: Page) -> None:
    """Returns when the page is there to its end, and stays.

    A click returns once the next page has begun: for a moment its document is still empty.
    """
    page.wait_for_load_state("load")
    _visits[page].stays()


def press(page: Page, what: Locator) -> Response:
    """Click what leads to a page; returns its answer when it is there.

    A click alone may return while the page before it is still shown.
    """
    with page.expect_navigation() as sent:
        what.click()
    assert isinstance(sent.value, Response)
    return sent.value


def check_accessibility(page: Page) -> None:
    """Fails with what axe found, one line a place. Works with scripts and without."""
    violations = _visits[page].faults_found_by_axe()
    lines = [
        f"  - {violation['id']} ({violation['impact']}): {violation['help']}\n"
        f"      at {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not lines, f"axe found faults in {page.url}:\n" + "\n".join(lines)


def check_fits(page: Page) -> None:
    """Fails where the page is wider than the window, so that a person must scroll sideways."""
    whole(page)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} px wide in a window of {width[1]} px"
