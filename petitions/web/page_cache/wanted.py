"""Which kept page a request asks for: what a page depends on, and nothing else of the request.

What is odd in a request (a language nobody offers, a country that is none) is not looked for here:
it goes through the house, so that made-up addresses fill no memory.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from petitions.i18n import choose_language, countries, languages_met
from petitions.web.headers import is_public_page
from petitions.web.language import wished

_LANGUAGES = frozenset({"lang", "language"})
READ = frozenset({*_LANGUAGES, "country", "paper", "v"})
"""All that public pages read of an address's query. What else is there (a campaign's mark, the
number of a click) changes nothing. A test looks for others."""
_PAPERS = frozenset({"a4", "us-letter"})
_NOBODYS = "zxx"
"""Stands for a reader's first wish where nothing exists in it: some pages ask for the first."""
_MOST = 4096
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept under: nobody's request, but what is the same in many."""

    secure: bool
    path: str
    query: str
    languages: str


class Reader:
    """Reads requests. Remembers what it made of the newest few thousand."""

    def __init__(self, app: Flask, hosts: frozenset[str | None], *, always_secure: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._always_secure = always_secure
        self._wanted: dict[tuple[str, str, str, str], Wanted] = {}
        self._known_hosts: dict[str, bool] = {}
        self._encodings: dict[str, str] = {}

    def wanted(self, scheme: str, path: str, query: str, languages: str) -> Wanted | None:
        """Return what is asked for, if it is something that may be kept."""
        asked = (scheme, path, query, languages)
        found = self._wanted.get(asked)
        if found is None:
            found = self._read(*asked)
            if found is not None and len(path) + len(query) + len(languages) < _LONGEST:
                _remember(self._wanted, asked, found)
        return found

    def is_own_host(self, host: str) -> bool:
        """Whether a Host header names this site."""
        known = self._known_hosts.get(host)
        if known is None:
            try:
                known = urlsplit(f"//{host}").hostname in self._hosts
            except ValueError:
                return False
            if len(host) < _LONGEST:
                _remember(self._known_hosts, host, known)
        return known

    def encoding(self, accepted: str) -> str:
        """Return the best encoding that a reader takes; empty for none."""
        known = self._encodings.get(accepted)
        if known is None:
            known = _encoding(accepted)
            if len(accepted) < _LONGEST:
                _remember(self._encodings, accepted, known)
        return known

    def forget_languages(self) -> None:
        """Read wishes anew: texts in another language have been seen."""
        self._wanted.clear()

    def _read(self, scheme: str, path: str, query: str, languages: str) -> Wanted | None:
        endpoint = self._endpoint(path)
        if endpoint is None:
            return None
        read = _arguments(query, static=endpoint == "static")
        if read is None:
            return None
        negotiated = "" if "lang" in read or endpoint == "static" else wishes_that_matter(languages)
        secure = self._always_secure or scheme == "https"
        return Wanted(secure, path, urlencode(sorted(read.items())), negotiated)

    def _endpoint(self, path: str) -> str | None:
        if not path.isascii():
            return None
        try:
            endpoint, _ = self._app.url_map.bind("localhost").match(path, method="GET")
        except HTTPException:
            return None
        name = str(endpoint)
        return name if is_public_page(self._app, name) else None


def wishes_that_matter(header: str) -> str:
    """Return an Accept-Language that gets the same pages: without what no text here exists in."""
    wishes = wished(header)
    known = languages_met()
    found = [tag.lower() for tag in wishes if choose_language([tag], known) is not None]
    if wishes and found[:1] != [wishes[0].lower()]:
        found.insert(0, _NOBODYS)
    ranked = dict.fromkeys(found)
    return ", ".join(f"{tag};q={1 - place / 100:.2f}" for place, tag in enumerate(ranked))


def _arguments(query: str, *, static: bool) -> dict[str, str] | None:
    """Return what a page reads of a query; None where that is not what links of ours say."""
    if not query:
        return {}
    read: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in READ:
            read.setdefault(name, value)  # the first counts, as it does in the views
    if static:
        return {"v": "1"} if "v" in read else {}
    read.pop("v", None)
    if not {read[name] for name in _LANGUAGES & read.keys()} <= languages_met():
        return None
    odd_country = read.get("country", "") not in {"", *countries()}
    return None if odd_country or read.get("paper", "a4") not in _PAPERS else read


def _encoding(accepted: str) -> str:
    qualities: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, rest = part.strip().partition(";")
        value = rest.strip().removeprefix("q=") if rest.strip().startswith("q=") else "1"
        try:
            qualities[name.strip()] = float(value)
        except ValueError:
            qualities[name.strip()] = 0.0
    everything = qualities.get("*", 0.0)
    best = max(("br", "gzip"), key=lambda name: qualities.get(name, everything))
    return best if qualities.get(best, everything) > 0 else ""


def _remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    if len(memory) >= _MOST:
        memory.clear()
    memory[key] = value
