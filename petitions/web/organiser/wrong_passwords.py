"""Guessing at one account from many networks: slowed, without locking out whose account it is.

Wrong passwords are counted against the address that was typed, whether it has an account or not,
so that no answer tells. A network from which somebody signed in to the account, or chose its
password by a mailed link, is exempt for a day: there the limit of its own network holds alone.
"""

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, request
from flask_login import user_logged_in
from flask_security import password_reset
from limits import parse
from sqlalchemy import select

from petitions.clock import now
from petitions.domain import audit
from petitions.domain.audit import NO_ACCOUNT
from petitions.domain.organisers import as_kept
from petitions.extensions import db, limiter
from petitions.models import Organiser
from petitions.web.networks import client_network, pseudonym

WRONG_LIMIT = "20 per hour; 60 per day"
_KNOWN_FOR = 24 * 60 * 60
_WITHOUT_ACCOUNT = parse("60 per hour")
"""Entries of the record for addresses without an account, of which there is no end."""
_log = structlog.get_logger(__name__)


def slowed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the page for signing in, with the limit on wrong passwords of one address."""
    limited = limiter.limit(
        WRONG_LIMIT,
        key_func=_typed_account,
        methods=["POST"],
        deduct_when=_was_wrong,
        exempt_when=_is_known,
    )
    return limited(view)


def know_networks(app: Flask) -> None:
    """Remember from where an account was signed in to, or its password chosen by a mailed link."""
    user_logged_in.connect(_remember, app, weak=False)
    password_reset.connect(_remember, app, weak=False)


def note_wrong_password() -> None:
    """Write down that somebody typed a wrong password; an address without an account too."""
    query = select(Organiser.id).where(Organiser.email == _typed_address())
    found = db.session.execute(query).scalar_one_or_none()
    if found is None and not _may_be_written():
        return
    subject = NO_ACCOUNT if found is None else f"organiser {found}"
    audit.record("somebody", "wrong password", subject, {}, now())


def _remember(_: Flask, user: Organiser, **__: Any) -> None:
    try:
        limiter.limiter.storage.incr(_known(user.email), _KNOWN_FOR)
    except Exception as error:  # whatever a store raises: it must not cost a sign-in
        _log.warning("network not remembered", error=type(error).__name__)


def _is_known() -> bool:
    try:
        return limiter.limiter.storage.get(_known(_typed_address())) > 0
    except Exception as error:  # whatever a store raises: the limit holds
        _log.warning("network not looked up", error=type(error).__name__)
        return False


def _may_be_written() -> bool:
    try:
        return limiter.limiter.hit(_WITHOUT_ACCOUNT, "wrong passwords")
    except Exception as error:  # whatever a store raises: it is written down
        _log.warning("wrong password not counted", error=type(error).__name__)
        return True


def _known(email: str) -> str:
    return f"known network/{pseudonym(email, now())}/{client_network()}"


def _typed_account() -> str:
    return "password of " + pseudonym(_typed_address(), now())


def _typed_address() -> str:
    return as_kept(request.form.get("email", ""))


def _was_wrong(response: Response) -> bool:
    return response.status_code in {200, 422}  # the form again; a right password leads on
