"""Headers of every answer. What may be kept by a cache says so itself; all else is `no-store`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
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
P = ParamSpec("P")


def public_page(view: Callable[P, Any]) -> Callable[P, Any]:
    """Mark a view whose answer is the same for all readers: caches keep it, and ask each time."""

    @wraps(view)
    def marked(*args: P.args, **kwargs: P.kwargs) -> Any:
        answer = view(*args, **kwargs)
        g.public_page = True
        return answer

    return marked


def framed_anywhere() -> None:
    """Let other sites show this answer in a frame."""
    g.framed_anywhere = g.loaded_anywhere = True


def loaded_anywhere() -> None:
    """Let other sites load this answer."""
    g.loaded_anywhere = True


def register(app: Flask) -> None:
    """Set headers after each request, errors included."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        ancestors = "*" if g.get("framed_anywhere") else "'none'"
        response.headers.setdefault("Content-Security-Policy", _POLICY + ancestors)
        policy = "cross-origin" if g.get("loaded_anywhere") else "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = policy
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
        return _cacheable(response)


def _cacheable(response: Response) -> Response:
    reads = request.method in {"GET", "HEAD"}
    if reads and request.endpoint == "static" and response.status_code in {200, 206, 304}:
        lasting = f"public, max-age={_A_YEAR}, immutable" if "v" in request.args else None
        response.headers["Cache-Control"] = lasting or "public, no-cache"
    elif reads and g.get("public_page") and response.status_code == 200:
        response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        response.make_conditional(request)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
