"""What the headers of every answer have to say, read as a browser reads them."""

from __future__ import annotations

import re
from typing import Any

SOURCES = {"'none'", "'self'"}
FETCHED = ("script-src", "style-src", "img-src", "font-src", "object-src", "connect-src",
           "frame-src", "worker-src", "media-src", "manifest-src")  # fmt: skip
NEEDED = {"default-src", "base-uri", "form-action", "frame-ancestors"}  # not all fall back


def policy_of(headers: Any) -> dict[str, list[str]]:
    """The one Content-Security-Policy: directives and their sources; a repeated one fails."""
    (policy,) = headers.getlist("Content-Security-Policy")
    parts = [words for part in policy.split(";") if (words := part.split())]
    directives = {name: sources for name, *sources in parts}
    assert len(directives) == len(parts), policy
    return directives


def assert_guarded(headers: Any, where: str, *, framed: bool = False, shared: bool = False) -> None:
    """Fail where a header is missing or says too much.

    `framed`: other sites may frame it. `shared`: other sites may load it.
    """
    policy = policy_of(headers)
    assert set(policy) >= NEEDED, where
    for name, sources in policy.items():
        if name == "frame-ancestors":
            assert sources == (["*"] if framed else ["'none'"]), where
        else:  # so no 'unsafe-…', no nonce, no hash, no scheme, no host
            assert len(sources) == 1, where
            assert set(sources) <= SOURCES, f"{where}: {name} {sources}"
    for name in FETCHED:
        assert policy.get(name, policy["default-src"]) in (["'none'"], ["'self'"]), where
    assert policy.get("object-src", policy["default-src"]) == ["'none'"], where
    assert policy["base-uri"] == ["'none'"], where
    assert "Content-Security-Policy-Report-Only" not in headers, where
    assert headers.get("X-Frame-Options") == (None if framed else "DENY"), where
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Referrer-Policy"] == "same-origin", where
    assert "geolocation=()" in headers["Permissions-Policy"], where
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    expected = "cross-origin" if shared else "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == expected, where
    kind = headers.get("Content-Type", "text/plain; charset=utf-8")
    if kind.startswith("text/") or "xml" in kind:
        assert kind.endswith("; charset=utf-8"), f"{where}: {kind}"
    assert not re.search(r"\d", headers.get("Server", "")), f"{where}: a version"
    assert "X-Powered-By" not in headers, where
