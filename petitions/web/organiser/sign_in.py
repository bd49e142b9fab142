"""Signing in: Flask-Security's pages under /organiser/, fitted to this house.

Passwords (argon2id), time-based codes, recovery codes, resetting and asking for the password again
are the library's. Ours: mails go through the outbox, no code is good twice, each sign-in is a row
that can be ended, and all of it leaves a trace.
"""

import base64
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import qrcode
import qrcode.image.svg
from flask import Flask, Response, current_app, g, request, session
from flask_security import LoginForm, Security
from flask_security.mail_util import MailUtil
from flask_security.totp import Totp
from markupsafe import Markup
from passlib.totp import TOTP
from sqlalchemy import select

from petitions.clock import now
from petitions.domain import organiser_mail
from petitions.extensions import db
from petitions.models import MailKind, Organiser, OrganiserRole
from petitions.web.organiser.access import Door, allowed, must_have_second_step
from petitions.web.organiser.datastore import Accounts
from petitions.web.organiser.forgotten import forgot_password
from petitions.web.organiser.password_rules import SHORTEST_PASSWORD, PasswordRules
from petitions.web.organiser.recovery_codes import HashedRecoveryCodes
from petitions.web.organiser.sign_in_traces import leave_traces
from petitions.web.organiser.sign_in_walls import walled
from petitions.web.organiser.sign_in_words import MESSAGES, named
from petitions.web.organiser.wrong_passwords import know_networks

_STEP = 30
"""Seconds that a code is shown (RFC 6238)."""
_DOORS = {
    "login": Door.EVERYBODY,
    "logout": Door.SIGNED_IN,
    "verify": Door.SIGNED_IN,
    "forgot_password": Door.EVERYBODY,
    "reset_password": Door.EVERYBODY,
    "change_password": Door.SIGNED_IN,
    "two_factor_setup": Door.SIGNED_IN,
    "two_factor_setup_validate": Door.SIGNED_IN,
    "two_factor_token_validation": Door.EVERYBODY,
    "two_factor_rescue": Door.EVERYBODY,
    "tf_select": Door.EVERYBODY,
    "mf_recovery": Door.EVERYBODY,
    "mf_recovery_codes": Door.SIGNED_IN,
}


class SignInForm(LoginForm):
    """Address and password; no browser is remembered beyond its session."""

    remember = None  # type: ignore[assignment]  # how WTForms takes a field away


class OutboxMail(MailUtil):
    """Hands the library's notices to our outbox: what they say is decided when they are sent."""

    def send_mail(self, *_: Any, **context: Any) -> None:
        """Queue a notice to an organiser. Links for a new password: see `forgotten`."""
        site = current_app.extensions["petitions"]
        organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, context["user"], now())


class SingleUseCodes(Totp):
    """Time-based codes (RFC 6238), none of which is good twice; drawn as inline SVG."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code that was accepted.

        The account is held until the transaction ends: of two who send one code at the same moment,
        the second sees that it was used.
        """
        db.session.refresh(user, attribute_names=["totp_counter"], with_for_update=True)
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the time step of a code that was accepted."""
        user.totp_counter = tmatch.counter

    def generate_qrcode(self, username: str, totp: str) -> str:
        """Return an inline SVG: our pages load no picture from a data: address."""
        code = qrcode.make(
            self.get_totp_uri(username, totp),
            image_factory=qrcode.image.svg.SvgPathImage,
            border=2,
        )
        with io.BytesIO() as file:
            code.save(file)
            drawn = file.getvalue().decode()
        return Markup(drawn[drawn.index("<svg") :])  # noqa: S704  # nosec B704  # made here, of our own key


def register(app: Flask) -> None:
    """Put the library's pages on the application, and connect them to ours."""
    keyring = app.extensions["petitions"].keyring
    recovery = base64.urlsafe_b64encode(keyring.derived("recovery codes"))
    app.config.update(
        SECURITY_URL_PREFIX="/organiser",
        SECURITY_STATIC_FOLDER=None,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # nosec B106  # names what is used
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=None,
        SECURITY_PASSWORD_LENGTH_MIN=SHORTEST_PASSWORD,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_RESET_PASSWORD_WITHIN=timedelta(days=1),
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_EMAIL_PLAINTEXT=False,
        SECURITY_EMAIL_HTML=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={
            "check_deliverability": False,  # no look-up of names inside a request
            "test_environment": app.extensions["petitions"].demonstration,
        },
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_FRESHNESS=timedelta(minutes=30),
        SECURITY_FRESHNESS_GRACE_PERIOD=timedelta(minutes=5),
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="security.mf_recovery_codes",
        SECURITY_TOTP_SECRETS={"1": keyring.derived("totp").hex()},
        SECURITY_TOTP_ISSUER=urlsplit(app.config["SETTINGS"].base_url).hostname,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=8,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[recovery],
        SECURITY_POST_LOGIN_VIEW="overview.index",
        SECURITY_POST_LOGOUT_VIEW="security.login",
        SECURITY_POST_RESET_VIEW="security.login",
        SECURITY_POST_CHANGE_VIEW="account.index",
        SECURITY_POST_VERIFY_VIEW="overview.index",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a text may take an evening to write
    )
    app.config.update({f"SECURITY_MSG_{name}": told for name, told in MESSAGES.items()})
    Security(
        app,
        Accounts(db, Organiser, OrganiserRole),  # type: ignore[arg-type]  # our roles are our own
        mail_util_cls=OutboxMail,
        login_form=SignInForm,
        totp_cls=SingleUseCodes,
        password_util_cls=PasswordRules,
        mf_recovery_codes_util_cls=HashedRecoveryCodes,
    )
    app.extensions["security"].want_json(lambda _: False)  # its pages are for people alone
    # The library would take a token for a session, from any header, address or JSON body.
    app.login_manager.request_loader(lambda _: None)  # type: ignore[attr-defined]  # Flask-Login's
    _forget_principals(app)
    app.context_processor(_context)
    app.after_request(_say_unprocessable)
    for name in [name for name in app.view_functions if is_the_library(name)]:
        endpoint = name.removeprefix("security.")
        view = forgot_password if endpoint == "forgot_password" else app.view_functions[name]
        app.view_functions[name] = allowed(_DOORS[endpoint])(walled(endpoint, view))
    leave_traces(app)
    know_networks(app)


def is_the_library(endpoint: str | None) -> bool:
    """Whether a page is the library's."""
    return (endpoint or "").startswith("security.")


def _context() -> dict[str, Any]:
    if not is_the_library(request.endpoint):
        return {}
    return {
        "security_problems": _problems,
        "named": named,
        "demonstration_code": _demonstration_code,
        "must_have_second_step": must_have_second_step(),
    }


def _problems(form: Any) -> list[tuple[str, str]]:
    """Return (field id, message) of a form of the library's, for the summary on top."""
    named = [(field.id, str(text)) for field in form for text in field.errors]
    g.problem_fields = {field.name for field in form if field.errors}
    first = next((field.id for field in form if field.type != "CSRFTokenField"), "main")
    found = [*((first, str(text)) for text in form.form_errors), *named]
    g.has_problems = bool(found)
    return found


def _say_unprocessable(response: Response) -> Response:
    """Answer a refused form with 422, as all our forms do; the library says 200."""
    if g.get("has_problems") and response.status_code == 200:
        response.status_code = 422
    return response


def _demonstration_code(key: str | None = None) -> str:
    """Return the code that an app would show: only a demonstration's pages ask for it."""
    if not current_app.extensions["petitions"].demonstration:
        return ""
    at = int(now().timestamp())
    if key is not None:
        return str(TOTP(key=key).generate(at).token)
    query = select(Organiser).where(Organiser.fs_uniquifier == session.get("tf_user_id", ""))
    user = db.session.execute(query).scalar_one_or_none()
    if user is None or user.tf_totp_secret is None:
        return ""
    later = ((user.totp_counter or 0) + 1) * _STEP  # no code is good twice
    factory = current_app.extensions["security"].totp_factory
    token = factory._totp.from_source(user.tf_totp_secret).generate(max(at, later)).token
    return str(token)


def _forget_principals(app: Flask) -> None:
    """Take out Flask-Principal's look at the user before each request, public ones too."""
    hooks = app.before_request_funcs.get(None, [])
    hooks[:] = [hook for hook in hooks if "principal" not in getattr(hook, "__module__", "")]
