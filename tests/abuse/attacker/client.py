"""Requests as an attacker makes them: any method, header, body and network, and no politeness."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode, urlsplit

from tests.journeys.visiting import Answer, form_that_signs, new_network, path_of

FORM = "application/x-www-form-urlencoded"
PATIENCE = 20
"""Seconds. Whoever makes an attacker wait for longer keeps a thread of the site busy, too."""
_sources = itertools.count(2)

Fields = Mapping[str, str] | Iterable[tuple[str, str]]


def new_source() -> str:
    """A loopback address to come from, that nobody else here comes from."""
    high, low = divmod(next(_sources), 250)
    return f"127.1.{high}.{low + 1}"


class Attacker:
    """Somebody behind one network, unless told otherwise. Follows no redirect, keeps no cookie."""

    def __init__(self, url: str, *, network: str | None = None, source: str | None = None) -> None:
        self.url = url
        self.network = network or new_network()
        self.source = (source, 0) if source else None
        self._stamps: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        network: str | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        sent = {"X-Forwarded-For": network or self.network} | dict(headers or {})
        host = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            host.hostname or "", host.port, timeout=PATIENCE, source_address=self.source
        )
        try:
            connection.request(method, path_of(path), body, sent)
            got = connection.getresponse()
            return Answer(self.url + path_of(path), got.status, got.headers, got.read())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send("GET", path, headers=headers)

    def post(
        self,
        path: str,
        fields: Fields = (),
        headers: Mapping[str, str] | None = None,
        *,
        network: str | None = None,
    ) -> Answer:
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        typed = {"Content-Type": FORM} | dict(headers or {})
        return self.send("POST", path, urlencode(pairs), typed, network=network)

    def stamp(self, petition: str) -> str:
        """The stamp of the petition's form, fetched once: it is good for a day."""
        if petition not in self._stamps:
            page = self.get(f"/petitions/{petition}")
            self._stamps[petition] = page.values(form_that_signs(petition))["stamp"]
        return self._stamps[petition]

    def signs(
        self,
        petition: str,
        typed: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        network: str | None = None,
    ) -> Answer:
        """Send the form that signs, from another network each time unless one is given."""
        form = {"stamp": self.stamp(petition), **typed}
        to = f"/petitions/{petition}/sign"
        return self.post(to, form, headers, network=network or new_network())
