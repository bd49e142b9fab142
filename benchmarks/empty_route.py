"""What the site is compared with: an empty Flask route, served with the same server settings.

POST reads the same form and answers 303; GET answers bytes of a page's size.
Usage: python benchmarks/empty_route.py PORT
"""

import sys
from types import SimpleNamespace
from typing import Any

from flask import Flask, redirect, request

from petitions.cli import inside_server, serving
from petitions.cli.parents import end_with_parent
from petitions.web.gateway import Gateway

PAGE = b"x" * 12_000


def load_empty(threads: int) -> Any:
    """Load the application, in a process of granian's."""
    end_with_parent()
    app = Flask("empty")
    # Behind a proxy on http nothing is kept: each request reaches Flask.
    app.config["SETTINGS"] = SimpleNamespace(base_url="http://localhost", trusted_proxies=1)

    @app.post("/<path:_path>")
    def take(_path: str) -> Any:
        fields = dict(request.form.items())
        return redirect(f"/petitions/somewhere/check-your-email?{len(fields)}", 303)

    @app.get("/<path:_path>")
    def give(_path: str) -> Any:
        return PAGE

    return Gateway(app, threads)


if __name__ == "__main__":
    inside_server.load_application = load_empty
    serving.listen("127.0.0.1", int(sys.argv[1]))
