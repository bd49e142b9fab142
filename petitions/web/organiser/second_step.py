"""A wrong code while the second step is set up: the same square once more, and the error beside.

The library begins anew then, with another key; the app on the phone would hold a dead one.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, get_flashed_messages, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security.utils import check_and_get_token_status
from wtforms import Form, StringField


class CodeForm(Form):
    """The six digits."""

    code = StringField(_l("Code"))


def with_the_same_square(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the library's view that checks the first code."""

    def checked(token: str) -> Any:
        answer = view(token=token)
        location = getattr(answer, "location", None) or ""
        if request.method != "POST" or not location.endswith("/tf-setup"):
            return answer
        return _again(token) or answer

    return checked


def _again(token: str) -> Any:
    within = current_app.config["SECURITY_TWO_FACTOR_SETUP_WITHIN"]
    expired, invalid, state = check_and_get_token_status(token, "tf_setup", within)
    if expired or invalid:
        return None
    get_flashed_messages()  # the library's own words about it
    form = CodeForm()
    form.code.errors = [gettext("This code is not right. Wait for the next one, and type that.")]
    factory = current_app.extensions["security"].totp_factory
    values = factory.fetch_setup_values(state["totp_secret"], current_user)
    return render_template(
        "security/two_factor_setup.html",
        two_factor_setup_form=form,
        two_factor_verify_code_form=form,
        chosen_method="authenticator",
        changing=True,
        state_token=token,
        authr_qrcode=values["image"],
        authr_key=values["key"],
    )
