"""Letters in a signer's own words: whom to write to, a letter to begin with, PDF, text, mail link.

What is typed is used for the one answer and forgotten: not stored, not logged, in no address.
"""

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from petitions.clock import now
from petitions.domain import appeals
from petitions.domain.petitions import public_petition
from petitions.domain.presenting import petition_page
from petitions.domain.presenting.letters import LetterPage, letter_page, letters_page
from petitions.errors import PetitionClosed, PetitionsError, Refused
from petitions.extensions import begin_write, db, limiter
from petitions.i18n import countries_in
from petitions.web.error_pages import (
    DATABASE_FAILED,
    TRY_AGAIN_AFTER,
    error_page,
    note_failed_database,
)
from petitions.web.headers import public_page
from petitions.web.language import interface_language, wishes
from petitions.web.limits import seconds_to_wait
from petitions.web.networks import client_network
from petitions.web.public.letter_answers import draft_of, letter_answer, pdf_answer
from petitions.web.public.letter_forms import CountryShape, LetterShape, SentShape

LETTERS_LIMIT = "30 per minute"
REPORTS_LIMIT = "20 per minute"
ONE_REPORT = "1 per 15 second"
"""The same report from the same network is one that was sent twice: it is counted once."""

blueprint = Blueprint("letters", __name__, url_prefix="/petitions/<slug:petition>/letters")


@blueprint.get("")
@public_page
def choose(petition: str) -> ResponseReturnValue:
    """Show whom one can write to; embassies once the reader's country is chosen."""
    found, case = public_petition(petition)
    form = CountryShape(request.args)
    letters = letters_page(found, case, wishes(), now(), country=form.country.data or None)
    g.content_languages = letters.page.languages
    g.kept_in_address = {"country": letters.country}
    template = "letters/choose.html" if letters.takes_letters else "letters/not_now.html"
    countries = countries_in(interface_language())
    return render_template(
        template, letters=letters, page=letters.page, form=form, countries=countries
    )


@blueprint.get("/<slug:official>")
@public_page
def write(petition: str, official: str) -> ResponseReturnValue:
    """Show a letter to begin with, in one language."""
    letter = _letter(petition, official, request.args.get("language"))
    g.content_languages = letter.page.languages
    if not letter.takes_letters:
        return render_template("letters/not_now.html", page=letter.page)
    return letter_answer(letter, draft_of(letter))


@blueprint.post("/<slug:official>")
@limiter.limit(LETTERS_LIMIT, key_func=client_network)
def finish(petition: str, official: str) -> ResponseReturnValue:
    """Give the letter as PDF, or as text with a mail link. Nothing of it is stored."""
    form = LetterShape(request.form)
    letter = _letter(petition, official, request.form.get("language"))
    if not letter.takes_letters:
        raise PetitionClosed("letters are not asked for")
    if not form.validate():
        return letter_answer(letter, form, status=422, problems=form.problems())
    if request.form.get("action") == "pdf":
        return pdf_answer(letter, form, now())
    return letter_answer(letter, form, ready=True)


@blueprint.get("/<slug:official>/sent")
@public_page
def sent(petition: str, official: str) -> ResponseReturnValue:
    """Ask how a letter was sent, to count it."""
    letter = _letter(petition, official, request.args.get("language"))
    g.content_languages = letter.page.languages
    if not letter.takes_letters:
        return render_template("letters/not_now.html", page=letter.page)
    return _sent_page(letter, SentShape())


@blueprint.post("/<slug:official>/sent")
@limiter.limit(REPORTS_LIMIT, key_func=client_network)
@limiter.limit(
    ONE_REPORT,
    key_func=lambda: f"{client_network()} {request.path} {request.form.get('channel', '')[:20]}",
    deduct_when=lambda response: response.status_code == 303,
    on_breach=lambda _: _thanks((request.view_args or {})["petition"]),
)
def report(petition: str, official: str) -> ResponseReturnValue:
    """Count a letter as reported: the office, the way, the day."""
    form = SentShape(request.form)
    valid = form.validate()
    begin_write()
    letter = _letter(petition, official, form.language.data)
    if not valid:
        return _sent_page(letter, form), 422
    found, _ = public_petition(petition)
    appeals.report(found, official, form.channel.data, letter.language, now())
    db.session.commit()
    return _thanks(petition)


@blueprint.get("/thank-you")
@public_page
def thank_you(petition: str) -> ResponseReturnValue:
    """Say the number of letters reported, and what can be done next."""
    found, case = public_petition(petition)
    page = petition_page(found, case, wishes(), now())
    again = appeals.takes_letters(found, now())
    return render_template("letters/thank_you.html", page=page, again=again)


@blueprint.errorhandler(PetitionClosed)
def not_now(_: PetitionClosed) -> Response:
    """Answer a letter that came too late with the way to the page that says why."""
    db.session.rollback()
    return error_page(
        409,
        title=gettext("No letters are asked for now"),
        message=gettext("Nothing was stored. The page of the petition says how things stand."),
        link=url_for("reading.one_petition", petition=(request.view_args or {})["petition"]),
    )


@blueprint.errorhandler(Refused)
def refused(_: Refused) -> Response:
    """Answer what no page of ours sends, or what has changed since the page was fetched."""
    db.session.rollback()
    return error_page(409, title=gettext("This has changed meanwhile"))


@blueprint.errorhandler(RateLimitExceeded)
def too_many(error: RateLimitExceeded) -> Response:
    """Give the letter back with everything typed, and say when to try again."""
    if error.response is not None:  # a report that was sent twice
        return current_app.make_response(error.response)
    wait = seconds_to_wait()
    if request.endpoint != "letters.finish":
        return error_page(429, retry_after=wait)
    values = request.view_args or {}
    try:
        form = LetterShape(request.form)
        letter = _letter(values["petition"], values["official"], request.form.get("language"))
    except (PetitionsError, HTTPException):
        # Gone meanwhile, or a form that is too large: an error raised here would be answered 500.
        return error_page(429, retry_after=wait)
    except DATABASE_FAILED as failure:
        return come_back(failure)
    return letter_answer(letter, form, status=429, wait=wait)


def come_back(error: Exception) -> Response:
    """Give back everything typed on a page that needs no database, to be sent again."""
    note_failed_database(error)
    fields = [(name, text) for name, text in request.form.items(multi=True)]
    response = Response(render_template("letters/try_again.html", fields=fields), 503)
    response.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


for _failure in DATABASE_FAILED:
    blueprint.register_error_handler(_failure, come_back)


def _letter(petition: str, official: str, language: str | None) -> LetterPage:
    found, case = public_petition(petition)
    demonstration = current_app.extensions["petitions"].demonstration
    return letter_page(
        found, case, official, wishes(), now(), language=language, demonstration=demonstration
    )


def _sent_page(letter: LetterPage, form: SentShape) -> str:
    problems: list[Any] = [("channel", text) for text in form.errors.get("channel", ())]
    return render_template(
        "letters/sent.html", letter=letter, page=letter.page, form=form, problems=problems
    )


def _thanks(petition: str) -> Response:
    # Werkzeug's own type is wider than Flask's.
    return current_app.make_response(redirect(url_for("letters.thank_you", petition=petition), 303))
