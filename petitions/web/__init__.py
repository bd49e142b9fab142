"""The web floor: what every request passes through, and the pages behind it.

Public pages use no session: nothing of a reader is kept, and every reader gets the same bytes.
"""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from petitions import extensions
from petitions.web import (
    access,
    api,
    bodies,
    error_pages,
    headers,
    health,
    language,
    limits,
    metrics,
    organiser,
    page_cache,
    page_frame,
    public,
    routing,
    static_files,
)

_MOST_BYTES = 64 * 1024
_MOST_PARTS = 50


def register(app: Flask) -> None:
    """Put the web floor on an application that the roof has configured.

    Raises ConfigurationError where a limit's notation is not understood.
    """
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BYTES,
        MAX_FORM_PARTS=_MOST_PARTS,
        WTF_CSRF_CHECK_DEFAULT=False,  # public forms carry no ambient authority; see access
    )
    page_cache.register(app)
    proxies = app.config["SETTINGS"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # as Flask documents it
    bodies.register(app)
    routing.register(app)
    static_files.register(app)
    access.register(app)
    limits.register(app)
    language.register(app)
    extensions.csrf.init_app(app)
    headers.register(app)
    error_pages.register(app)
    page_frame.register(app)
    health.register(app)
    api.register(app)
    public.register(app)
    organiser.register(app)
    metrics.register(app)  # outermost: it measures all of it
