"""Who may send what: trusted hosts, and writing requests from this site's own pages alone.

Public forms have no session and so no session token. What a foreign page could make a reader's
browser send is told by Origin and Sec-Fetch-Site, which a page cannot forge.
"""

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Request, abort, request

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_EXEMPT = frozenset({"news.unsubscribe"})
"""One-click unsubscribing is sent by mail providers (RFC 8058)."""


def register(app: Flask) -> None:
    """Refuse foreign hosts with 400 and foreign writes with 403, before any view."""
    settings = app.config["SETTINGS"]
    base_origin = _origin_of(settings.base_url)
    hosts = hosts_of(settings.base_url)

    @app.before_request
    def refuse_foreign() -> None:
        if _hostname(request.host) not in hosts or request.scheme not in {"http", "https"}:
            abort(400)
        if request.method in _SAFE or request.endpoint in _EXEMPT:
            return
        if is_foreign(request, base_origin, loopback_is_one_host=settings.demonstration):
            abort(403)


def hosts_of(base_url: str) -> frozenset[str | None]:
    """Return the names that this site answers to.

    Werkzeug's own list of trusted hosts cannot hold "[::1]": it cuts a name at its first colon.
    """
    return frozenset({urlsplit(base_url).hostname, *_LOOPBACK})


def is_foreign(asked: Request, base_origin: str, *, loopback_is_one_host: bool) -> bool:
    """Whether a request was made by a page of another site. Without either header it was not."""
    origin, site = asked.headers.get("Origin"), asked.headers.get("Sec-Fetch-Site")
    if origin is None and site in {None, "same-origin", "none"}:
        return False
    own = _origin_of(asked.host_url)
    if origin is not None and origin.lower() != own and origin.lower() != base_origin:
        return not (loopback_is_one_host and _same_loopback(origin.lower(), own))
    if site in {None, "same-origin", "none"}:
        return False
    # Another origin of ours (the base URL's) may well be another site to the browser.
    return origin is None or origin.lower() == own


@lru_cache(maxsize=64)
def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # brackets around what is no address
        return None


def _same_loopback(origin: str, own: str) -> bool:
    try:
        one, other = urlsplit(origin), urlsplit(own)
        same_door = (one.scheme, one.port) == (other.scheme, other.port)
    except ValueError:
        return False
    return same_door and {one.hostname, other.hostname} <= _LOOPBACK


@lru_cache(maxsize=64)
def _origin_of(url: str) -> str:
    parts = urlsplit(url.lower())
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
