"""Signing: the form's POST, and the page that sends everybody to their mail."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded

from petitions.clock import now
from petitions.domain import signing
from petitions.domain.petitions import public_petition
from petitions.domain.signing import SigningForm
from petitions.errors import KeyMissing, PetitionClosed, PetitionsError, StampExpired
from petitions.extensions import begin_write, db
from petitions.models import Appearance
from petitions.web.error_pages import (
    DATABASE_FAILED,
    TRY_AGAIN_AFTER,
    error_page,
    note_failed_database,
)
from petitions.web.limits import limit_signing, seconds_to_wait
from petitions.web.public.forms import SigningShape
from petitions.web.public.petition_answer import petition_answer

blueprint = Blueprint("signing", __name__)


@blueprint.post("/petitions/<slug:petition>/sign")
@limit_signing
def sign(petition: str) -> ResponseReturnValue:
    """Take a signature; the answer is the same whatever the address did before."""
    form = SigningShape(request.form)
    if not form.validate():
        return _refused(petition, form, form.problems())
    begin_write()
    found, _ = public_petition(petition)
    site, moment = current_app.extensions["petitions"], now()
    try:
        signing.sign(site, found, _signing_form(form, found.id, moment), moment)
    except StampExpired:
        db.session.rollback()
        return _refused(petition, form, [("name", _old_page())])
    db.session.commit()
    return redirect(url_for("signing.check_your_email", petition=petition), 303)


@blueprint.get("/petitions/<slug:petition>/sign")
def form_again(petition: str) -> ResponseReturnValue:
    """Lead a tab that was restored on the address of the form back to the petition."""
    public_petition(petition)
    return redirect(url_for("reading.one_petition", petition=petition), 303)


@blueprint.get("/petitions/<slug:petition>/check-your-email")
def check_your_email(petition: str) -> ResponseReturnValue:
    """Say what comes next; the same page for everybody."""
    public_petition(petition)
    sender = current_app.config["SETTINGS"].mail_from
    return render_template("check_your_email.html", petition=petition, sender=sender)


@blueprint.errorhandler(PetitionClosed)
def not_open(_: PetitionClosed) -> Response:
    """Answer a form that came too late with the way back to the petition's page."""
    db.session.rollback()
    petition = (request.view_args or {})["petition"]
    return error_page(409, link=url_for("reading.one_petition", petition=petition))


@blueprint.errorhandler(RateLimitExceeded)
def too_many(_: RateLimitExceeded) -> Response:
    """Give back the form with everything typed, and say when to try again."""
    wait = seconds_to_wait()
    form = SigningShape(request.form)
    try:
        response = _page((request.view_args or {})["petition"], form, wait=wait)
    except PetitionsError:  # gone or closed meanwhile: an error raised here would be answered 500
        return error_page(429, retry_after=wait)
    except DATABASE_FAILED as error:
        return come_back(error)
    response.status_code = 429
    response.headers["Retry-After"] = str(wait)
    return response


def come_back(error: Exception) -> Response:
    """Give back everything typed on a page that needs no database, to be sent again."""
    note_failed_database(error)
    fields = [(name, text) for name, text in request.form.items(multi=True)]
    response = Response(render_template("try_again.html", fields=fields), 503)
    response.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


for _failure in (*DATABASE_FAILED, KeyMissing):
    blueprint.register_error_handler(_failure, come_back)


def _signing_form(form: SigningShape, petition_id: int, moment: Any) -> SigningForm:
    tokens = current_app.extensions["petitions"].tokens
    text, consent, language = tokens.read_stamp(form.stamp.data or "", petition_id, moment)
    return SigningForm(
        name=form.name.data or "",
        initials=form.initials.data or "",
        email=form.address,
        place=form.place.data or "",
        country=form.country.data or "",
        appearance=Appearance(form.appearance.data or ""),
        news=form.news.data,
        language=language,
        text_number=text,
        consent_number=consent,
    )


def _refused(petition: str, form: SigningShape, problems: list[tuple[str, str]]) -> Response:
    response = _page(petition, form, problems=problems)
    response.status_code = 422
    return response


def _page(petition: str, form: SigningShape, **context: Any) -> Response:
    found, case = public_petition(petition)
    if not found.takes_signatures(now()):
        raise PetitionClosed(f"petition {found.id} takes no signatures")
    return petition_answer("petition.html", found, case, form, **context)


def _old_page() -> str:
    return str(
        gettext(
            "This page was open for more than a day. Please look at the text again, and sign"
            " once more."
        )
    )
