"""Pages on which something is edited: who else has one open, and what was typed and not saved.

Opening a page writes nothing (GET changes nothing): the page's script says that it is open, every
half minute, and keeps what is typed. Where no script runs, a button keeps it, and says so too.
What saves a form still compares it with what was seen.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from flask import Flask, Response, current_app, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from petitions.clock import now
from petitions.domain import editing, unsaved
from petitions.extensions import begin_write, db
from petitions.models import UnsavedText
from petitions.web.headers import script_asks_us
from petitions.web.organiser.access import need_of, organiser
from petitions.web.organiser.editing import presence, typed
from petitions.web.organiser.editing.pages import blueprint, edited, page_of, window
from petitions.web.organiser.forms import ConsoleForm

__all__ = ["blueprint", "presence", "register", "typed"]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Offered:
    """What was typed and not saved, and whether something else was saved since it was begun."""

    window: str
    kept_at: datetime
    url: str
    is_overtaken: bool


@dataclass(frozen=True, slots=True)
class Here:
    """What a page that is edited shows: who else has it open, and whom its script tells."""

    url: str
    page: str
    others: list[dict[str, str]]
    texts: tuple[UnsavedText, ...]

    def told(self, what: str, **more: Any) -> str:
        """Return where the page tells something: is_open, was_left, keep, discard."""
        query: dict[str, Any] = {**dict(parse_qsl(urlsplit(self.url).query)), **more}
        return url_for(f"editing.{what}", page=self.page, **query)

    def offered(self, form: ConsoleForm) -> list[Offered]:
        """Return what is not in the form that is shown, newest first."""
        return [self._offer(text, form) for text in self.texts if text.window != form.window.data]

    def taken_up(self, form: ConsoleForm) -> Offered | None:
        """Return what is in the form that is shown, where it was asked for."""
        mine = [self._offer(text, form) for text in self.texts if text.window == form.window.data]
        return mine[0] if mine and "unsaved" in request.args else None

    def _offer(self, text: UnsavedText, form: ConsoleForm) -> Offered:
        parts = urlsplit(self.url)
        query = urlencode([*parse_qsl(parts.query), ("unsaved", text.window)])
        seen = dict(text.typed).get("seen", "")
        url = parts._replace(query=query).geturl()
        return Offered(text.window, text.kept_at, url, seen != (form.seen.data or ""))


def register(app: Flask) -> None:
    """Let templates ask who else is here, and forget what whoever has saved had open."""
    app.context_processor(lambda: {"editing": here})
    app.after_request(_forget_what_was_saved)


def here(url: str = "") -> Here | None:
    """Return what the page shows whose form goes to `url`; None for who may not send it.

    Without an address, what was returned last.
    """
    if not url:
        found: Here | None = g.get("here")
        return found
    page, need = edited(url)
    if need.of not in g.rights:
        return None
    script_asks_us()
    texts = unsaved.texts_at(page, organiser().id)
    g.here = Here(url, page, presence.others_at(page, now()), texts)
    return here()


def _forget_what_was_saved(response: Response) -> Response:
    """Whoever has saved a form is not editing it any more."""
    saved = request.method == "POST" and response.status_code == 303 and g.get("organiser")
    need = need_of(current_app.view_functions.get(request.endpoint or ""))
    if not saved or need is None or not need.edits:
        return response
    try:
        _forget(page_of(request.endpoint or "", request.view_args or {}))
    except SQLAlchemyError as error:  # it was saved, and that is what is answered
        db.session.rollback()
        _log.warning("what was saved is still kept as typed", error=type(error).__name__)
    return response


def _forget(page: str) -> None:
    me = organiser().id
    saved_in = window() or None
    there = editing.has_open(page, me, saved_in) or unsaved.text_at(page, me, window())
    db.session.rollback()  # what was read is read anew, as a writer
    if there:
        begin_write()
        editing.close(page, me, saved_in)
        unsaved.discard(page, me, window())
        db.session.commit()
