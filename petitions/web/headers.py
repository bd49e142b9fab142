"""Headers of every answer. What may be kept by a cache says so itself; all else is `no-store`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'self'; "
    "object-src 'none'; form-action 'self'; base-uri 'none'; "
)
_ASKS_US = "connect-src 'self'; "
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would make Chromium send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
_A_YEAR = 31_536_000
_HTTPS_ALONE = f"max-age={_A_YEAR}; includeSubDomains"
P = ParamSpec("P")
ASK_EACH_TIME = "public, no-cache"
_MARK = "is_public_page"


def public_page(view: Callable[P, Any]) -> Callable[P, Any]:
    """Mark a view whose answer is the same for all readers: caches keep it, and ask each time."""

    @wraps(view)
    def marked(*args: P.args, **kwargs: P.kwargs) -> Any:
        answer = view(*args, **kwargs)
        g.public_page = True
        return answer

    setattr(marked, _MARK, True)
    return marked


def is_public_page(app: Flask, endpoint: str) -> bool:
    """Whether an endpoint's answers are the same for all readers."""
    return endpoint == "static" or hasattr(app.view_functions.get(endpoint), _MARK)


def framed_anywhere() -> None:
    """Let other sites show this answer in a frame."""
    g.framed_anywhere = g.loaded_anywhere = True


def loaded_anywhere() -> None:
    """Let other sites load this answer."""
    g.loaded_anywhere = True


def script_asks_us() -> None:
    """Let the scripts of this answer send requests to this site; those of no other page do."""
    g.script_asks_us = True


def register(app: Flask) -> None:
    """Set headers after each request, errors included."""
    # Where TLS ends at a proxy that is not told to us, the base URL still says how readers come.
    secure = app.config["SETTINGS"].base_url.startswith("https://")

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        framed = g.get("framed_anywhere")
        ancestors = "*" if framed else "'none'"
        policy = _POLICY + (_ASKS_US if g.get("script_asks_us") else "")
        response.headers.setdefault(
            "Content-Security-Policy", f"{policy}frame-ancestors {ancestors}"
        )
        if not framed:
            # For browsers that do not know frame-ancestors.
            response.headers["X-Frame-Options"] = "DENY"
        loaded_by = "cross-origin" if g.get("loaded_anywhere") else "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = loaded_by
        if secure or request.is_secure:
            response.headers["Strict-Transport-Security"] = _HTTPS_ALONE
        return _cacheable(response)


def _cacheable(response: Response) -> Response:
    reads = request.method in {"GET", "HEAD"}
    if reads and request.endpoint == "static" and response.status_code in {200, 206, 304}:
        lasting = f"public, max-age={_A_YEAR}, immutable" if "v" in request.args else None
        response.headers["Cache-Control"] = lasting or ASK_EACH_TIME
        response.vary.add("Accept-Encoding")
    elif reads and g.get("public_page") and response.status_code == 200:
        response.headers["Cache-Control"] = ASK_EACH_TIME
        response.vary.add("Accept-Encoding")  # as kept it is packed; see page_cache
        response.add_etag()
        response.make_conditional(request)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
