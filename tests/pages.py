"""A test client that checks every page it fetches, as house rule 10 of the architecture says.

The checks are about what a person meets: headings, labels, language, error summaries; and about
what the public pages promise: no inline code, no foreign host, a content security policy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from flask import current_app
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

# What a browser loads by itself when it shows the page.
_RESOURCES = (
    ("script", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("input", "src"),
    ("use", "href"),
    ("image", "href"),
)
_LOADED_LINKS = {
    "stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload",
    "prefetch", "preconnect", "dns-prefetch",
}  # fmt: skip
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}


class CheckingClient(FlaskClient):
    """Flask's test client; a page with a fault fails the test that fetched it.

    What a test has prepared in its own session is committed first, and each request gets a session
    of its own: a view that forgets to commit, or relies on objects left over, is found out.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        prepared = bool(current_app) and current_app._get_current_object() is self.application  # type: ignore[attr-defined]  # a proxy's own method
        if prepared:
            _session().commit()
        # Flask would otherwise run the request in the context that the test has open.
        with self.application.app_context() if prepared else nullcontext():
            response = super().open(*args, **kwargs)
        if prepared:
            _session().expire_all()
        check_response(response)
        return response


def _session() -> Any:
    from petitions.extensions import db

    return db.session


def check_response(response: TestResponse) -> None:
    """Fails with all faults of a page at once. Redirects and other kinds of content pass."""
    redirects = 300 <= response.status_code < 400
    if redirects or response.mimetype != "text/html" or response.request.method == "HEAD":
        return
    text = response.get_data(as_text=True)
    faults = list(faults_of_page(text, response.status_code, urlsplit(response.request.url).netloc))
    faults += faults_of_policy(response.headers.get("Content-Security-Policy"))
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        request = response.request
        raise AssertionError(
            f"{request.method} {request.path} ({response.status_code}) is not a good page:\n{lines}"
        )


def faults_of_page(text: str, status: int, host: str) -> Iterator[str]:
    """Each fault in one line that says what to do."""
    if not text.strip():
        yield "the page is empty"
        return
    page = lxml.html.document_fromstring(text)
    yield from _faults_of_heading(page)
    yield from _faults_of_language(page)
    counted = Counter(page.xpath("//@id"))
    for identifier, times in counted.items():
        if times > 1:
            yield f'id="{identifier}" is there {times} times; ids are unique'
    yield from _faults_of_labels(page)
    yield from _faults_of_errors(page, status)
    yield from _faults_of_inline_code(page)
    yield from _faults_of_hosts(page, host)
    for image in page.xpath("//img[not(@alt)]"):
        yield f"{_shown(image)} has no alt (an empty one where it only decorates)"


def faults_of_policy(policy: str | None) -> Iterator[str]:
    if policy is None:
        yield "no Content-Security-Policy header"
        return
    directives = {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}
    if "default-src" not in directives:
        yield "the Content-Security-Policy has no default-src"
    for name, sources in directives.items():
        for loophole in sorted({"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}):
            if loophole in sources and name != "frame-ancestors":
                yield f"the Content-Security-Policy allows {loophole} in {name}"


def _faults_of_heading(page: HtmlElement) -> Iterator[str]:
    headings = page.xpath("//h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1; a page has exactly one"
        return
    heading = _words(headings[0])
    title = _words(page.find(".//head/title")) if page.find(".//head/title") is not None else ""
    if not heading:
        yield "the h1 is empty"
    elif not title.startswith(heading):
        yield f"the title “{title}” does not begin with the h1 “{heading}”"


def _faults_of_language(page: HtmlElement) -> Iterator[str]:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", page.get("lang", "")):
        yield f'<html lang="{page.get("lang", "")}"> is not a language'
    if page.get("dir") not in {"ltr", "rtl"}:
        yield f'<html dir="{page.get("dir", "")}"> is neither ltr nor rtl'


def _faults_of_labels(page: HtmlElement) -> Iterator[str]:
    labelled = {label.get("for") for label in page.xpath("//label[@for]") if _words(label)}
    identifiers = set(page.xpath("//@id"))
    for target in page.xpath("//label/@for"):
        if target not in identifiers:
            yield f'<label for="{target}"> points at nothing'
    for field in page.xpath("//input | //select | //textarea"):
        if field.tag == "input" and field.get("type", "text").lower() in _NEEDS_NO_LABEL:
            continue
        wrapped = any(_words(label) for label in field.xpath("ancestor::label"))
        names = field.get("aria-labelledby", "").split()
        if not (
            wrapped
            or field.get("id") in labelled
            or field.get("aria-label", "").strip()
            or (names and identifiers.issuperset(names))
        ):
            yield f"{_shown(field)} has no label"
        for described in field.get("aria-describedby", "").split():
            if described not in identifiers:
                yield f'{_shown(field)} is described by "{described}", which is not there'


def _faults_of_errors(page: HtmlElement, status: int) -> Iterator[str]:
    summaries = page.find_class("error-summary")
    if status != 422:
        if summaries:
            yield f"an .error-summary with status {status}; a form with errors answers 422"
        return
    links = [
        link for summary in summaries for link in summary.xpath('.//a[starts-with(@href, "#")]')
    ]
    if not links:
        yield "422 without an .error-summary whose links lead to the fields"
    identifiers = set(page.xpath("//@id"))
    for link in links:
        if link.get("href")[1:] not in identifiers:
            yield f"the error “{_words(link)}” links to {link.get('href')}, which is not there"


def _faults_of_inline_code(page: HtmlElement) -> Iterator[str]:
    for style in page.xpath("//style"):
        yield f"{_shown(style)}: styles belong in a file"
    for script in page.xpath("//script[not(@src)]"):
        # Data is not run: a policy without inline scripts lets it through.
        if not script.get("type", "").endswith("json"):
            yield f"{_shown(script)}: scripts belong in a file"
    for element in page.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            if name == "style" or name.startswith("on"):
                yield f"{_shown(element)} has an inline {name}"
            if value.strip().lower().startswith("javascript:"):
                yield f"{_shown(element)} has a javascript: address"


def _faults_of_hosts(page: HtmlElement, host: str) -> Iterator[str]:
    addresses = [
        (element, address)
        for tag, attribute in _RESOURCES
        for element in page.xpath(f"//{tag}[@{attribute}]")
        for address in _addresses(attribute, element.get(attribute))
    ]
    for link in page.xpath("//link[@href]"):
        if _LOADED_LINKS.intersection(link.get("rel", "").lower().split()):
            addresses.append((link, link.get("href")))
    for element, address in addresses:
        if urlsplit(address.strip()).netloc not in {"", host}:
            yield f"{_shown(element)} loads from a foreign host"


def _addresses(attribute: str, value: str) -> list[str]:
    if attribute != "srcset":
        return [value]
    return [part.split()[0] for part in value.split(",") if part.split()]


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _shown(element: HtmlElement) -> str:
    attributes = "".join(f' {name}="{value[:40]}"' for name, value in element.attrib.items())
    return f"<{element.tag}{attributes}>"
