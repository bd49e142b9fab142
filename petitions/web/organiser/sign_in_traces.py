"""What signing in leaves in the database and in the audit trail.

A password is checked before any lock is taken; what is written begins a transaction of its own.
"""

from typing import Any

from flask import Flask, Response, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import password_changed, password_reset, tf_disabled, tf_profile_changed
from sqlalchemy import select

from petitions.clock import now
from petitions.domain import audit, sign_ins
from petitions.extensions import begin_write, db
from petitions.models import Organiser
from petitions.web.organiser.browsers import browser_of
from petitions.web.organiser.wrong_passwords import note_wrong_password

KEY = "console"
"""Where the session holds the key of its sign-in."""
_WRONG = {
    "security.two_factor_token_validation": "wrong code",  # nosec B105  # names what was typed
    "security.mf_recovery": "wrong recovery code",
}


_CHOSEN = frozenset({"password changed", "password reset"})
_ASKED_AGAIN = frozenset({"security.verify", "security.change_password"})


def leave_traces(app: Flask) -> None:
    """Connect to what the library tells."""
    user_logged_in.connect(_begun, app, weak=False)
    user_logged_out.connect(_ended, app, weak=False)
    for signal, action in (
        (password_changed, "password changed"),
        (password_reset, "password reset"),
        (tf_profile_changed, "second step set up"),
        (tf_disabled, "second step ended"),
    ):
        signal.connect(_telling(action), app, weak=False)


def note_answer(response: Response) -> None:
    """Write down what the library does not tell of: what was wrong, and new recovery codes."""
    endpoint = request.endpoint or ""
    if response.status_code == 422 and request.form.get("password"):
        _note_wrong_password(endpoint)
    if endpoint in _WRONG and response.status_code == 422 and "tf_user_id" in session:
        query = select(Organiser.id).where(Organiser.fs_uniquifier == session["tf_user_id"])
        found = db.session.execute(query).scalar_one_or_none()
        if found is not None:
            _record_anew(found, _WRONG[endpoint])
    elif endpoint == "security.mf_recovery_codes" and response.status_code == 200:
        _record_anew(g.organiser.id, "recovery codes made")


def _note_wrong_password(endpoint: str) -> None:
    """Write down a wrong password at signing in, at showing it once more, at changing it."""
    if endpoint == "security.login":
        _begin_writing()
        note_wrong_password()
    elif endpoint in _ASKED_AGAIN and "password" in g.get("problem_fields", ()):
        _begin_writing()
        _record(g.organiser.id, "wrong password")


def _begin_writing() -> None:
    """Write from now on: the password was checked without a lock, and reading is over."""
    db.session.rollback()
    begin_write()


def _begun(_: Flask, user: Organiser, **__: Any) -> None:
    if request.endpoint == "security.login":
        _begin_writing()
    session[KEY] = sign_ins.begin(user, browser_of(request.user_agent.string), now())
    if request.endpoint == "security.mf_recovery":
        _record(user.id, "recovery code used")
    g.organiser = user


def _ended(_: Flask, user: Any = None, **__: Any) -> None:
    if key := session.pop(KEY, ""):
        sign_ins.end(key, now())
    if request.endpoint == "security.logout" and (who := g.get("organiser")) is not None:
        _record(who.id, "signed out")


def _telling(action: str) -> Any:
    def tell(_: Flask, user: Organiser, **__: Any) -> None:
        _record(user.id, action)
        if action in _CHOSEN:
            user.password_is_first = False
        if action != "second step set up":
            sign_ins.end_others(user, session.get(KEY), now())

    return tell


def _record_anew(organiser_id: int, action: str) -> None:
    """Record in a transaction that began as a writer.

    The library may have committed by now, and its page begun a reader: SQLite refuses to let one
    write once somebody else has.
    """
    db.session.commit()
    begin_write()
    _record(organiser_id, action)


def _record(organiser_id: int, action: str) -> None:
    who = f"organiser {organiser_id}"
    audit.record(who, action, who, {}, now())
