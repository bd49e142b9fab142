"""Choosing addressees: what could be handed over now, the letter, and who would be in it."""

from threading import BoundedSemaphore
from typing import Any

from flask import (
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectField, SelectMultipleField

from petitions.clock import now
from petitions.documents.entries import Letter
from petitions.documents.phrases import phrases
from petitions.domain import build_agreements, builds, bundle_overview, unlocked_builds
from petitions.domain.case_keys import is_sealed
from petitions.domain.letter_preview import letter_pdf, letter_preview
from petitions.domain.recipients import Recipient, recipients_of
from petitions.domain.rights import Right
from petitions.errors import BundleRefused, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import BundleBuild, Petition
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.bundles.address import (
    blueprint,
    names_are_destroyed,
    petition_numbered,
)
from petitions.web.organiser.bundles.agreeing import AskingForm, to_agreement
from petitions.web.organiser.bundles.building import to_build

_setting = BoundedSemaphore(2)
"""Letters set at once by this process: each takes half a second of a processor."""
_WAITS_FOR_A_PRESS = 3.0


class ChosenForm(AskingForm):
    """Addressees that were ticked, the language of their letters, of a sealed case the reason."""

    officials = SelectMultipleField(coerce=int, validate_choice=False)
    language = SelectField(validate_choice=False)


@blueprint.get("/")
@allowed(Right.LOOK)
def index() -> ResponseReturnValue:
    """List the petitions with what could be handed over and what was."""
    return render_template(
        "organiser/bundles/index.html", lines=bundle_overview.petition_lines(wishes())
    )


@blueprint.get("/petitions/<int:petition_id>")
@allowed(Right.LOOK)
def petition(petition_id: int) -> ResponseReturnValue:
    """Show all offices of a petition, with tick boxes."""
    return _choosing_page(petition_numbered(petition_id), ChosenForm())


@blueprint.post("/petitions/<int:petition_id>")
@allowed(Right.DELIVER, fresh=True)
def start(petition_id: int) -> ResponseReturnValue:
    """Ask for the bundles of the offices that were ticked; of a sealed case, a second organiser."""
    form = ChosenForm(request.form)
    begin_write()
    found = petition_numbered(petition_id)
    if is_sealed(found.case_id):
        return _ask(found, form)
    try:
        build, is_new = builds.request(
            found,
            form.officials.data or [],
            language=form.language.data or None,
            organiser_id=organiser().id,
            now=now(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.add_error("officials", _refusal_words(refusal.reason))
        return _choosing_page(petition_numbered(petition_id), form), 422
    build_id = build.id
    db.session.commit()
    return to_build(build_id, is_new)


def _ask(found: Petition, form: ChosenForm) -> ResponseReturnValue:
    petition_id = found.id
    form.validate()
    try:
        asked = build_agreements.ask(
            current_app.extensions["petitions"],
            found,
            form.officials.data or [],
            language=form.language.data or None,
            reason="" if form.reason.errors else form.reason.data or "",
            organiser_id=organiser().id,
            now=now(),
        )
    except Refused as refusal:
        db.session.rollback()
        if not form.problems():
            form.add_error(refusal.field, _refusal_words(refusal.reason))
        return _choosing_page(petition_numbered(petition_id), form), 422
    number = asked.id
    db.session.commit()
    return to_agreement(number)


@blueprint.get("/petitions/<int:petition_id>/officials/<int:official_id>")
@allowed(Right.LOOK)
def preview(petition_id: int, official_id: int) -> ResponseReturnValue:
    """Show the letter to an office and who would be in its bundle now."""
    found = petition_numbered(petition_id)
    recipient = _recipient(found, official_id)
    language = request.args.get("language") or None
    shown, problem = None, ""
    try:
        shown = letter_preview(
            current_app.extensions["petitions"], found, recipient, now(), language=language
        )
    except BundleRefused as refusal:
        problem = str(refusal)
    name = bundle_overview.office_names([official_id], wishes())[official_id]
    return render_template(
        "organiser/bundles/preview.html",
        copy_words=_copy_words,
        copies_word=lambda tag: phrases(tag).text("copies"),
        petition=found,
        recipient=recipient,
        name=name,
        title=_title(found),
        shown=shown,
        problem=problem,
        left_out=bundle_overview.not_eligible(found, recipient),
        languages_of_letter=_languages(found),
        chosen_language=language,
    )


def _copy_words(letter: Letter) -> str:
    return phrases(letter.language).text("copy_of", offices="; ".join(letter.copy_of))


@blueprint.get("/petitions/<int:petition_id>/officials/<int:official_id>/letter-<int:number>.pdf")
@allowed(Right.LOOK)
def letter(petition_id: int, official_id: int, number: int) -> ResponseReturnValue:
    """Show the letter as the PDF that a bundle would hold; `number` counts its versions."""
    found = petition_numbered(petition_id)
    recipient = _recipient(found, official_id)
    language = request.args.get("language") or None
    site = current_app.extensions["petitions"]
    try:
        letters = letter_preview(site, found, recipient, now(), language=language).letters
        if not 1 <= number <= len(letters):
            raise NotFound("no such letter")
        chosen = letters[number - 1].letter
        db.session.rollback()  # setting it takes a moment, and needs no database
        if not _setting.acquire(timeout=_WAITS_FOR_A_PRESS):
            abort(503)
        try:
            content = letter_pdf(chosen)
        finally:
            _setting.release()
    except BundleRefused as refusal:
        flash(str(refusal), "warning")
        back = url_for(
            "bundles.preview", petition_id=petition_id, official_id=official_id, language=language
        )
        return redirect(back, 303)
    return _pdf(content, f"{chosen.reference}-letter.pdf")


def _pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.content_type = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _recipient(found: Petition, official_id: int) -> Recipient:
    for recipient in recipients_of(found):
        if recipient.official.id == official_id:
            return recipient
    raise NotFound("no addressee of this petition")


def _has_news(line: bundle_overview.RecipientLine) -> bool:
    """Whether somebody would be in a bundle, and the last one held another number."""
    number = line.eligible.eligible
    return number > 0 and not (line.bundles and line.bundles[0].eligible == number)


def _choosing_page(found: Petition, form: ChosenForm) -> str:
    lines = bundle_overview.recipient_lines(found, wishes())
    ticked = form.officials.data
    if not request.form:  # at first, whoever there is something new for
        ticked = [line.recipient.official.id for line in lines if _has_news(line)]
    return render_template(
        "organiser/bundles/petition.html",
        petition=found,
        title=_title(found),
        lines=lines,
        form=form,
        ticked=ticked,
        problems=form.problems(),
        languages_of_letter=_languages(found),
        open_build=_open_build(found),
        agreements=build_agreements.open_agreements(now(), found.id),
        recent=builds.recent_builds(found.id),
    )


def _open_build(found: Petition) -> BundleBuild | None:
    under_way = builds.open_build(found.id)
    if under_way is None or unlocked_builds.is_interrupted(under_way, now()):
        return None
    return under_way


def _title(found: Petition) -> tuple[str, str]:
    return bundle_overview.titles_of([found.id], wishes()).get(found.id, (found.slug, ""))


def _languages(found: Petition) -> list[tuple[str, Any]]:
    shown_in = interface_language()
    return [
        (tag, language_name(tag, shown_in=shown_in))
        for tag in bundle_overview.letter_languages(found)
    ]


def _refusal_words(reason: str) -> str:
    if reason == "sealed":  # since the page was looked at
        return str(gettext("This case was sealed meanwhile. Please look at this page again."))
    if reason == "reason needed":
        return str(gettext("Write what the bundles are for: whoever agrees reads it."))
    if reason == "destroyed":
        return names_are_destroyed()
    if reason == "nobody chosen":
        return str(gettext("Tick at least one addressee."))
    return str(gettext("An addressee was taken off the petition meanwhile. Choose again."))
