"""A page to go on from, for an address that shows nothing by itself."""

from urllib.parse import urlsplit

from flask import request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException


def page_above(path: str) -> str | None:
    """Return the nearest address above this one that can be opened, inside the console alone.

    It may lead to a page that refuses its reader; it is made of the routes, not of what is there.
    """
    adapter, parts = request_ctx.url_adapter, path.rstrip("/").split("/")
    while adapter is not None and len(parts) > 2 and parts[1] == "organiser":
        parts.pop()
        for above in ("/".join(parts), "/".join(parts) + "/"):
            try:
                adapter.match(above, method="GET")
            except HTTPException:  # a redirect to the other of the two is one, too
                continue
            return above
    return None


def page_before() -> str | None:
    """Return the console's page that its reader comes from, where the browser tells it."""
    told = urlsplit(request.referrer or "")
    ours = told.netloc == request.host and told.path.startswith("/organiser/")
    if not ours or told.path == request.path:
        return None
    return told.path + (f"?{told.query}" if told.query else "")
