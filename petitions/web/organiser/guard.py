"""What every request under /organiser/ passes: who asks, may they, is it really from our page.

Fails closed: a view that does not say who may use it is refused.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from flask_security.utils import check_and_update_authn_fresh

from petitions.clock import now
from petitions.domain import audit, sign_ins
from petitions.domain.organisation import asks_everybody_for_second_step
from petitions.domain.rights import NEED_TWO_FACTOR, Right, rights_of
from petitions.extensions import begin_write, csrf, db
from petitions.models import Organiser
from petitions.web.error_pages import error_page
from petitions.web.organiser.access import Door, Need, need_of
from petitions.web.organiser.before_work import comes_first
from petitions.web.organiser.keeping import kept
from petitions.web.organiser.reaching import is_closed, narrow_to
from petitions.web.organiser.sessions import is_console
from petitions.web.organiser.sign_in import is_the_library
from petitions.web.organiser.sign_in_traces import KEY, note_answer
from petitions.web.organiser.sign_in_walls import begin_half, refuse_long_fields

_MOST_TYPED = 512 * 1024
_MOST_PARTS = 4000
_FRESH = timedelta(minutes=30)
_FRESH_GRACE = timedelta(minutes=15)
_BEGIN_AS_READERS = frozenset(
    {"security.login", "security.verify", "security.forgot_password"}
    | {"security.change_password", "security.reset_password"}
    | {"security.mf_recovery", "security.mf_recovery_codes"}
)
_log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Guard the console."""
    app.before_request(_guard)
    app.after_request(_commit_for_the_library)


def _guard() -> ResponseReturnValue | None:
    if not is_console(request.path) or request.endpoint is None:
        return None
    need = need_of(current_app.view_functions[request.endpoint])
    if need is None:
        _log.error("a page of the console does not say who may use it", endpoint=request.endpoint)
        return error_page(403, title="403", message="")
    if is_the_library(request.endpoint):
        return _for_the_library(need)
    someone = _who_is_signed_in(need)
    if someone is None:
        return None if need.of is Door.EVERYBODY else _sign_in_first()
    _accept_larger_forms(need)
    if refusal := _refuse(someone, need):
        return refusal
    if is_closed(need, request.view_args or {}):
        return not_allowed(someone, Right.LOOK)
    db.session.rollback()  # the view opens its own transaction, as a reader or as a writer
    if request.method not in {"GET", "HEAD"}:
        csrf.protect()
    return None


def _for_the_library(need: Need) -> ResponseReturnValue | None:
    """Let the library's pages write in one transaction, which it commits itself.

    Whatever checks or makes a password or recovery codes begins as a reader: hashing takes a tenth
    of a second and more, and SQLite has one writer.
    """
    request.max_form_memory_size = 16 * 1024
    refuse_long_fields()
    if leads_away(request.values.get("next")):
        return redirect(url_for("security.login"))
    if request.method == "POST":
        csrf.protect()
        if request.endpoint not in _BEGIN_AS_READERS:
            begin_write()
    key = session.get(KEY)
    if current_user.is_authenticated:
        row = sign_ins.open_session(key, now()) if key else None
        if row is None:
            logout_user()
        else:
            _remember(current_user)
    if need.of is Door.SIGNED_IN and not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    return None


def leads_away(address: str | None) -> bool:
    """Whether an address to go on to is not one of the console's own.

    The library writes its own addresses in full, as it does between password and second step.
    """
    if not address:
        return False
    own = address.removeprefix(request.host_url.rstrip("/"))
    plain = own.isprintable() and "\\" not in own
    return not (plain and is_console(urlsplit(own).path) and own.startswith("/organiser"))


def _commit_for_the_library(response: Response) -> Response:
    """Commit what the library and our traces of it wrote: some of its pages do not."""
    if request.method != "POST" or not is_the_library(request.endpoint):
        return response
    begin_half()
    if response.status_code < 500:
        note_answer(response)
        db.session.commit()
    return response


def _who_is_signed_in(need: Need) -> Organiser | None:
    """Return a copy of the organiser that outlives the transaction in which it was read."""
    key = session.get(KEY)
    if not key or not current_user.is_authenticated:
        return None
    moment = now()
    row = sign_ins.open_session(key, moment)
    someone: Organiser = current_user._get_current_object()
    if row is None or row.organiser_id != someone.id:
        for name in [name for name in session if name != KEY]:
            session.pop(name)
        db.session.rollback()
        return None
    _remember(someone)
    narrow_to(someone)
    g.session_id = row.id
    due = not need.unattended and sign_ins.is_due_to_be_seen(row, moment)
    db.session.refresh(someone)
    db.session.expunge(someone)
    db.session.rollback()  # the view opens its own transaction, as a reader or as a writer
    if due:
        begin_write()
        sign_ins.seen(g.session_id, someone.id, moment)
        db.session.commit()
    return someone


def _remember(someone: Organiser) -> None:
    g.organiser, g.organiser_language = someone, someone.language
    g.rights = rights_of(sign_ins.roles_of(someone.id))
    g.must_have_second_step = bool(g.rights & NEED_TWO_FACTOR) or asks_everybody_for_second_step()


def _accept_larger_forms(need: Need) -> None:
    request.max_content_length = max(_MOST_TYPED, need.largest or 0)
    request.max_form_memory_size = _MOST_TYPED
    request.max_form_parts = _MOST_PARTS


def _refuse(someone: Organiser, need: Need) -> ResponseReturnValue | None:
    rights: frozenset[Right] = g.rights
    if isinstance(need.of, Right) and need.of not in rights:
        return not_allowed(someone, need.of)
    if first := comes_first(someone, need):
        return first
    if need.fresh and not check_and_update_authn_fresh(_FRESH, _FRESH_GRACE, "session"):
        if request.method == "GET":
            return redirect(url_for("security.verify", next=request.full_path))
        return kept("fresh")
    return None


def not_allowed(someone: Organiser, right: Right) -> ResponseReturnValue:
    """Refuse, and leave a trace of it."""
    detail = {"page": request.endpoint, "method": request.method, "right": right.name.lower()}
    actor = f"organiser {someone.id}"
    begin_write()
    audit.record_once(actor, "refused", actor, detail, now())
    db.session.commit()
    g.is_error = True
    return render_template("organiser/refused.html", right=right), 403


def _sign_in_first() -> ResponseReturnValue:
    was_signed_in = KEY in session
    session.pop(KEY, None)
    if request.method in {"GET", "HEAD"}:
        asked = None if request.path == "/organiser/" else request.full_path.rstrip("?")
        return redirect(url_for("security.login", next=asked))
    if was_signed_in:  # only this site's own sign-in makes such a cookie
        _accept_larger_forms(Need(Door.EVERYBODY))
    return kept("signed out")
