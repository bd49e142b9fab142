"""Signing: the form's POST, and the page that sends everybody to their mail."""

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException, InternalServerError

from petitions.clock import now
from petitions.domain import signing
from petitions.domain.arrivals import Origin
from petitions.domain.names import NameRefused
from petitions.domain.petitions import public_petition
from petitions.domain.signing import SigningForm
from petitions.domain.standing import standing_of
from petitions.errors import CountryClosed, KeyMissing, PetitionClosed, PetitionsError, StampExpired
from petitions.extensions import db
from petitions.i18n import country_name
from petitions.models import Appearance
from petitions.tokens import Stamp
from petitions.web.error_pages import (
    DATABASE_FAILED,
    TRY_AGAIN_AFTER,
    error_page,
    note_failed_database,
)
from petitions.web.language import here, interface_language, spoken_language
from petitions.web.limits import limit_signing, seconds_to_wait, wait_in_slow_lane
from petitions.web.networks import client_address, client_network
from petitions.web.public.forms import PlainForm, SigningShape, plain_form, plain_of
from petitions.web.public.petition_answer import petition_answer
from petitions.writing import write_together

blueprint = Blueprint("signing", __name__)


@blueprint.post("/petitions/<slug:petition>/sign")
@limit_signing
def sign(petition: str) -> ResponseReturnValue:
    """Take a signature; the answer is the same whatever the address did before."""
    sent = plain_form(request.form)
    if sent is None:
        form = SigningShape(request.form)
        if not form.validate():
            return _refused(petition, form, form.problems())
        sent = plain_of(form, form.address)
    try:
        _take(petition, sent)
    except StampExpired:
        return _refused(petition, SigningShape(request.form), [("name", old_page())])
    except NameRefused:
        form = SigningShape(request.form)
        form.validate()
        return _refused(petition, form, form.problems())
    except CountryClosed:
        form = SigningShape(request.form)
        form.country.errors = [closed_country(sent.country)]
        return _refused(petition, form, form.problems())
    return redirect(here(f"/petitions/{petition}/check-your-email"), 303)


def _take(petition: str, sent: PlainForm) -> None:
    """Store a signature with all that belongs to it; return once that is durable."""
    site, moment = current_app.extensions["petitions"], now()
    origin = Origin(client_network(), client_address(), wait_in_slow_lane())

    def take() -> None:
        stamp = site.tokens.read_stamp(sent.stamp, moment)
        found = standing_of(petition, sent.country, stamp.text, stamp.consent)
        typed = signing_form(stamp, sent, found.id)
        signing.sign(site, found, typed, moment, origin)

    write_together(take)


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
    try:
        form = SigningShape(request.form)
        response = _page((request.view_args or {})["petition"], form, wait=wait)
    except (PetitionsError, HTTPException):
        # Gone meanwhile, or a form that is too large: an error raised here would be answered 500.
        return error_page(429, retry_after=wait)
    except DATABASE_FAILED as error:
        return come_back(error)
    response.status_code = 429
    response.headers["Retry-After"] = str(wait)
    return response


def come_back(error: Exception) -> Response:
    """Give back everything typed on a page that needs no database, to be sent again."""
    note_failed_database(error)
    return _to_be_sent_again(503)


for _failure in (*DATABASE_FAILED, KeyMissing):
    blueprint.register_error_handler(_failure, come_back)


@blueprint.errorhandler(InternalServerError)
def our_fault(error: InternalServerError) -> Response:
    """Give back everything typed whatever went wrong; Flask has logged what it was."""
    if isinstance(error.original_exception, DATABASE_FAILED):  # raised where no handler is asked
        return come_back(error.original_exception)
    db.session.rollback()
    g.database_failed = True
    return _to_be_sent_again(500)


def _to_be_sent_again(status: int) -> Response:
    fields = [(name, text) for name, text in request.form.items(multi=True)]
    response = Response(render_template("try_again.html", fields=fields, status=status), status)
    response.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def signing_form(stamp: Stamp, sent: PlainForm, petition_id: int) -> SigningForm:
    """Return what the domain takes, with the versions in the stamp.

    Raises StampExpired for that of another petition.
    """
    if stamp.petition != petition_id:
        raise StampExpired("the stamp is of another petition")
    return SigningForm(
        name=sent.name,
        initials=sent.initials,
        email=sent.address,
        place=sent.place,
        country=sent.country,
        appearance=Appearance(sent.appearance),
        news=sent.news,
        language=stamp.language,
        text_number=stamp.text,
        consent_number=stamp.consent,
        mail_language=spoken_language() or "",
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


def closed_country(country: str) -> str:
    """Return that nobody in a country can sign; the page gives the reason right below."""
    return str(
        gettext(
            "This form is closed for people who live in %(country)s; the reason stands below."
            " Nothing was stored.",
            country=country_name(country, interface_language()),
        )
    )


def old_page() -> str:
    """Say that a form was open for too long."""
    return str(
        gettext(
            "This page was open for more than a day. Please look at the text again, and sign"
            " once more."
        )
    )
