"""Having a page made by the house behind: with what the page may depend on, and nothing else.

No cookie, no reader's address and no other header of whoever asked first reaches it.
"""

from dataclasses import dataclass
from typing import Any

from petitions.web.page_cache.kept import Answer, Headers
from petitions.web.page_cache.wanted import Wanted

_NOBODYS = frozenset({"REMOTE_ADDR", "REMOTE_PORT", "REMOTE_USER", "AUTH_TYPE", "REMOTE_HOST"})


@dataclass(frozen=True, slots=True)
class Made:
    """An answer of the house, read to its end."""

    status: str
    headers: Headers
    body: bytes

    @property
    def lasting(self) -> str:
        """Its Cache-Control."""
        return self._header("cache-control")

    @property
    def may_be_kept(self) -> bool:
        """Whether it is a page for everybody."""
        public = self.status.startswith("200") and self.lasting.startswith("public")
        return public and not self._header("set-cookie")

    def answer(self, *, head: bool) -> Answer:
        """Return it for the one who asked."""
        return Answer(self.status, self.headers, b"" if head else self.body)

    def _header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def make(wsgi_app: Any, environ: dict[str, Any], wanted: Wanted) -> Made:
    """Ask the house for a page as nobody in particular."""
    told: list[Any] = []

    def start_response(status: str, headers: Headers, _error: Any = None) -> Any:
        told[:] = [status, headers]

    inner = {
        name: value
        for name, value in environ.items()
        if not name.startswith("HTTP_") and name not in _NOBODYS
    }
    inner |= {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": wanted.query,
        "HTTP_HOST": environ["HTTP_HOST"],
        "wsgi.url_scheme": "https" if wanted.secure else "http",
    }
    if wanted.languages:
        inner["HTTP_ACCEPT_LANGUAGE"] = wanted.languages
    answer = wsgi_app(inner, start_response)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    status, headers = told
    return Made(status, list(headers), body)
