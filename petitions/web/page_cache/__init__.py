"""Public pages as bytes: made once for a language and version, given to all who ask for them.

A small WSGI layer in front of Flask. A page is remade every two seconds while it is asked for, by
one thread, while the others get the one before; no page is older than four. Whether it may be shown
at all (hidden, closed, past its last day) is looked up twice a second, by each process for itself.
"""

from typing import Any, cast

from flask import Flask

from petitions.clock import now
from petitions.domain.public_state import PublicState, public_state
from petitions.web.access import hosts_of
from petitions.web.page_cache.layer import PageCache
from petitions.web.page_cache.wanted import Reader
from petitions.web.page_cache.watch import Watch

_NAME = "petitions.page_cache"


def register(app: Flask) -> None:
    """Put the layer around the application, unless a setting of 0 switches it off."""
    settings = app.config["SETTINGS"]
    if not settings.page_cache_mb:
        return

    def look() -> PublicState:
        with app.app_context():
            return public_state(now())

    reader = Reader(
        app, hosts_of(settings.base_url), always_secure=settings.base_url.startswith("https://")
    )
    cache = PageCache(
        app.wsgi_app,
        reader=reader,
        watch=Watch(look),
        most_bytes=settings.page_cache_mb * 1024 * 1024,
        shared_seconds=settings.shared_cache_seconds,
    )
    app.extensions[_NAME] = cache
    app.wsgi_app = cast(Any, cache)  # type: ignore[method-assign]  # as Flask documents it


def page_cache_of(app: Flask) -> PageCache | None:
    """Return the application's cache, if it has one."""
    return cast("PageCache | None", app.extensions.get(_NAME))
