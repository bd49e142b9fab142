"""The session cookie: it exists for the console alone.

Public pages are the same for all readers. They neither read nor set a cookie, whatever extension
looks at the session on the way.
"""

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

CONSOLE = "/organiser/"


def is_console(path: str) -> bool:
    """Whether an address belongs to the console."""
    return path.startswith(CONSOLE) or path == CONSOLE.rstrip("/")


class ConsoleSessions(SecureCookieSessionInterface):
    """Flask's signed cookie under /organiser/; elsewhere an empty session that is never kept."""

    def open_session(self, app: Flask, asked: Request) -> SecureCookieSession | None:
        """Return the session of a console page."""
        if is_console(asked.path):
            return super().open_session(app, asked)
        return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session of a console page."""
        if is_console(request.path):
            super().save_session(app, session, response)


def configure(app: Flask) -> None:
    """Name and bind the cookie. On https it has the prefix that browsers hold to this host."""
    secure = app.config["SETTINGS"].base_url.startswith("https://")
    app.session_interface = ConsoleSessions()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-organiser" if secure else "organiser",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a link in a mail leads to the page that it names
        SESSION_COOKIE_PATH="/",
    )
