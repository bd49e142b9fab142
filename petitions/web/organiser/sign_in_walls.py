"""What stands in front of the library's pages: limits, a bound on hashing, an end of half sign-ins.

A password costs a tenth of a second to check. Whoever sends many must not stop those who sign
petitions: no lock of the database is held meanwhile, and few are checked at the same time.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, NoReturn

from flask import Response, abort, request, session

from petitions.clock import now
from petitions.extensions import limiter
from petitions.web.networks import client_network, pseudonym
from petitions.web.organiser.access import must_have_second_step
from petitions.web.organiser.second_step import with_the_same_square
from petitions.web.organiser.wrong_passwords import slowed

SIGN_IN_LIMIT = "10 per minute; 60 per hour"
CODE_LIMIT = "5 per 10 minutes; 20 per day"
"""Wrong codes of one account, from wherever: six digits can be guessed, and need the password."""
LONGEST_FIELD = 1024
_AT_ONCE = 3
_WAITS = 1.0
_HALF_SIGNED_FOR = 600
_BEGUN = "tf_begun"
_HASHES = frozenset({"login", "verify", "change_password", "reset_password"})
_CODES = frozenset({"two_factor_token_validation", "mf_recovery"})
_GUESSABLE = _HASHES | _CODES | {"two_factor_setup_validate"}
_LEFT_OUT = frozenset({"two_factor_rescue", "tf_select"})
"""Help by mail with a lost second step, and the choice among several: an admin helps here."""
_HALF = (_BEGUN, "tf_state", "tf_user_id", "tf_primary_method", "tf_remember_login")
_hashing = BoundedSemaphore(_AT_ONCE)


def walled(endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a page of the library's with what stands in front of it."""
    if endpoint in _LEFT_OUT:
        return _not_here
    if endpoint == "two_factor_setup":
        return _kept_where_needed(view)
    if endpoint == "two_factor_setup_validate":
        view = with_the_same_square(view)
    if endpoint in _HASHES:
        view = _one_of_few(view)
    if endpoint == "login":
        view = slowed(view)
    if endpoint in _CODES:
        view = _while_fresh(view)
        view = limiter.limit(
            CODE_LIMIT, key_func=_account, methods=["POST"], deduct_when=_was_wrong
        )(view)
    if endpoint in _GUESSABLE:
        view = limiter.limit(SIGN_IN_LIMIT, key_func=client_network, methods=["POST"])(view)
    return view


def begin_half() -> None:
    """Note when the password was right and the code is still to come."""
    if "tf_user_id" in session and _BEGUN not in session:
        session[_BEGUN] = now().timestamp()


def refuse_long_fields() -> None:
    """Answer 400 where a field is longer than any password or address."""
    if any(len(value) > LONGEST_FIELD for value in request.form.values()):
        abort(400)


def _account() -> str:
    return "account " + pseudonym(str(session.get("tf_user_id", "nobody")), now())


def _was_wrong(response: Response) -> bool:
    return response.status_code in {200, 422}  # the form again; a right code leads on


def _one_of_few(view: Callable[..., Any]) -> Callable[..., Any]:
    def limited(**values: Any) -> Any:
        if request.method != "POST":
            return view(**values)
        if not _hashing.acquire(timeout=_WAITS):
            abort(503)
        try:
            return view(**values)
        finally:
            _hashing.release()

    return limited


def _while_fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """End half a sign-in after ten minutes: the password is typed again."""

    def limited(**values: Any) -> Any:
        if now().timestamp() - session.get(_BEGUN, 0.0) > _HALF_SIGNED_FOR:
            for name in _HALF:
                session.pop(name, None)
        return view(**values)

    return limited


def _kept_where_needed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse to end the second step of whoever may not do without it."""

    def limited(**values: Any) -> Any:
        ends = request.form.get("setup") == "disable"
        if ends and must_have_second_step():
            abort(403)
        return view(**values)

    return limited


def _not_here(**_: Any) -> NoReturn:
    abort(404)
