"""A request as granian gives it, as WSGI has it."""

import sys
from typing import Any

from petitions.web.gateway.files import SentFile

_ALWAYS: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "granian",
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": SentFile,
}
_ONCE = frozenset({"cookie"})


def environ_of(scope: Any) -> dict[str, Any]:
    """Return the environ of a request, without its body.

    Headers with an underscore in their name are left out: in an environ nobody could tell
    `X_Forwarded_For`, which a client may send, from what a proxy sends.
    """
    environ = dict(_ALWAYS)
    server, _, port = scope.server.rpartition(":")
    environ |= {
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if name in _ONCE else ","
        environ[key] = environ[key] + joint + value if key in environ else value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if (sent := environ.pop("HTTP_" + name, None)) is not None:
            environ[name] = sent
    environ.setdefault("HTTP_HOST", scope.authority or "")
    return environ
