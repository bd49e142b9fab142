"""A visitor over plain HTTP, without a browser; every answer is held to what holds for all of them.

Nothing here follows a redirect or keeps a cookie: what the server said is what the test sees.
"""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html
from lxml.html import HtmlElement

from tests.pages import faults_of_page, faults_of_policy

_numbers = itertools.count(1)


def new_network() -> str:
    """An address that no other visitor has (RFC 2544's range), as a proxy reports it."""
    high, low = divmod(next(_numbers), 250)
    return f"198.18.{high}.{low + 1}"


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    url: str
    status: int
    headers: HTTPMessage
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        """The path a redirect leads to."""
        target = self.headers["Location"]
        assert target, f"{self.url} answered {self.status} without a Location"
        return path_of(urljoin(self.url, target))

    @property
    def kind(self) -> str:
        return self.headers.get_content_type()

    @cached_property
    def page(self) -> HtmlElement:
        return lxml.html.document_fromstring(self.body.decode())

    def values(self, form: str = "//form") -> dict[str, str]:
        """What the first such form would send if its button were pressed."""
        [found, *_] = self.page.xpath(form)
        return {name: value or "" for name, value in found.form_values()}


class Visitor:
    """One person behind one network address."""

    def __init__(self, url: str, *, network: str | None = None) -> None:
        self.url = url
        self.network = network or new_network()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", path, headers=headers)

    def head(self, path: str) -> Answer:
        return self.ask("HEAD", path)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self.ask("POST", path, form=form or {}, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own. Whatever the answer: no cookie, a good page."""
        sent = {"X-Forwarded-For": self.network, **(headers or {})}
        body = None
        if form is not None:
            body = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        host = urlsplit(self.url)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
        try:
            connection.request(method, path_of(path), body, sent)
            response = connection.getresponse()
            answer = Answer(
                urljoin(self.url, path), response.status, response.headers, response.read()
            )
        finally:
            connection.close()
        self._check(method, answer)
        return answer

    def stamp(self, petition: str) -> str:
        return self.form_of(petition)["stamp"]

    def form_of(self, petition: str) -> dict[str, str]:
        """The empty form as the petition's page holds it."""
        return self.get(f"/petitions/{petition}").values(form_that_signs(petition))

    def sign(self, petition: str, typed: Mapping[str, str], **headers: str) -> Answer:
        """Fetch the page for its stamp, and send the form."""
        form = {"stamp": self.stamp(petition), **typed}
        return self.post(f"/petitions/{petition}/sign", form, headers)

    def _check(self, method: str, answer: Answer) -> None:
        said = f"{method} {urlsplit(answer.url).path} ({answer.status})"
        assert "Set-Cookie" not in answer.headers, f"{said} sets a cookie"
        if method == "HEAD":
            assert answer.body == b"", f"{said} has a body"
        elif answer.kind == "text/html" and not 300 <= answer.status < 400:
            host = urlsplit(self.url).netloc
            faults = [*faults_of_page(answer.text, answer.status, host)]
            faults += faults_of_policy(answer.headers["Content-Security-Policy"])
            assert not faults, f"{said}: " + "; ".join(faults)


def path_of(url: str) -> str:
    """Path and query of a URL; a path stays as it is."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def form_that_signs(petition: str) -> str:
    """Where the form stands in a page; the address may carry ?lang=xx."""
    return f'//form[contains(@action, "/petitions/{petition}/sign")]'
