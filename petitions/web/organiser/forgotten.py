"""Asking for a new password: the same answer, in the same time, whether there is an account or not.

The link's token is made when the mail is sent, so nothing here is hashed.
"""

import time

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from petitions.clock import now
from petitions.domain import audit, organiser_mail
from petitions.extensions import begin_write, db, limiter
from petitions.models import MailKind, Organiser
from petitions.web.networks import client_network
from petitions.web.organiser.sign_in_walls import SIGN_IN_LIMIT
from petitions.web.public.forms import AddressShape

_TAKES = 0.15
"""Seconds that the answer takes at least: longer than what is written for an account."""


@limiter.limit(SIGN_IN_LIMIT, key_func=client_network, methods=["POST"])
def forgot_password() -> ResponseReturnValue:
    """Mail a link to whoever has an account, and say the same to everybody."""
    began = time.monotonic()
    form = AddressShape(request.form)
    if request.method != "POST":
        return render_template("security/forgot_password.html", form=form, problems=[])
    if not form.validate():
        problems = [("email", str(text)) for text in form.errors["email"]]
        page = render_template("security/forgot_password.html", form=form, problems=problems)
        return page, 422
    _mail_to(form.address.lower())
    time.sleep(max(0.0, _TAKES - (time.monotonic() - began)))  # who measures, learns nothing
    flash(
        gettext(
            "If there is an account with this address, a mail with a link is on its way to it."
        ),
        "info",
    )
    return redirect(url_for("security.login"), 303)


def _mail_to(address: str) -> None:
    begin_write()
    query = select(Organiser).where(Organiser.email == address, Organiser.active.is_(True))
    organiser = db.session.execute(query).scalar_one_or_none()
    if organiser is not None:
        site, moment = current_app.extensions["petitions"], now()
        organiser_mail.enqueue(site, MailKind.PASSWORD_RESET, organiser, moment)
        who = f"organiser {organiser.id}"
        audit.record("somebody", "new password asked for", who, {}, moment)
    db.session.commit()
