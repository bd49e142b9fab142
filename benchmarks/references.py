"""What a kept page is compared with, on granian as `petitions serve` runs it.

    python references.py KIND PORT FILE      # serves the bytes of FILE, with a page's headers

KIND: `flask` (an empty route, through our gateway), `flask-wsgi` (the same, through granian's own
WSGI), `wsgi` (the answer alone, through granian's own WSGI), `wsgi-one` (the same, one thread).
"""

import multiprocessing
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from petitions.cli.inside_server import load_application
from petitions.cli.serving import CONNECTIONS, THREADS
from petitions.web.gateway import Gateway

HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "br"),
    ("Cache-Control", "public, no-cache"),
    ("Vary", "Accept-Encoding, Accept-Language"),
    ("ETag", '"e963a3fb0f855f42b3ce9e49-br"'),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    (
        "Permissions-Policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
            "font-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
    ),
]


def load(kind: str, file: str) -> Any:
    """Load one of them, in a process of granian's."""
    body = Path(file).read_bytes()
    if kind.startswith("flask"):
        app = Flask("empty")

        @app.get("/")
        def answer() -> Response:
            return Response(body, headers=HEADERS)

        app.config["SETTINGS"] = SimpleNamespace(base_url="http://localhost", trusted_proxies=0)
        return Gateway(app, THREADS) if kind == "flask" else app

    whole = [*HEADERS, ("Content-Length", str(len(body)))]

    def bare(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", whole)
        return [body]

    return bare


def main() -> None:
    kind, port, file = sys.argv[1:]
    assert load_application  # its module registers the loop
    multiprocessing.set_start_method("spawn")
    threads = {} if kind == "flask" else {"blocking_threads": 1 if "one" in kind else THREADS}
    server = MPServer(
        "references:load",
        port=int(port),
        interface=Interfaces.RSGI if kind == "flask" else Interfaces.WSGI,
        backpressure=CONNECTIONS,
        backlog=2048,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        **threads,
    )
    server.serve(target_loader=partial(load, kind, file), wrap_loader=False)


if __name__ == "__main__":
    main()
