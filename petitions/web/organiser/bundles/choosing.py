"""Choosing addressees: what could be handed over now, and to whom it is to be built."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectField, SelectMultipleField, StringField

from petitions.clock import now
from petitions.domain import build_agreements, builds, bundle_overview, unlocked_builds
from petitions.domain.bundle_chains import withdrawn_since
from petitions.domain.case_keys import is_sealed
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import BundleBuild, Petition
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.bundles.address import (
    blueprint,
    names_are_destroyed,
    petition_numbered,
)
from petitions.web.organiser.bundles.agreeing import AskingForm, to_agreement
from petitions.web.organiser.bundles.building import to_build
from petitions.web.organiser.bundles.previewing import languages_told, title_of


class ChosenForm(AskingForm):
    """Addressees that were ticked, the language of their letters, of a sealed case the reason."""

    officials = SelectMultipleField(coerce=int, validate_choice=False)
    language = SelectField(validate_choice=False)
    what = StringField(default="everything")


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
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
            since_last=form.what.data == "since",
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
            since_last=form.what.data == "since",
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
        title=title_of(found.id, found.slug),
        lines=lines,
        gone=withdrawn_since(found.id),
        form=form,
        ticked=ticked,
        problems=form.problems(),
        languages_of_letter=languages_told(bundle_overview.letter_languages(found)),
        open_build=_open_build(found),
        agreements=build_agreements.open_agreements(now(), found.id),
        recent=builds.recent_builds(found.id),
    )


def _open_build(found: Petition) -> BundleBuild | None:
    under_way = builds.open_build(found.id)
    if under_way is None or unlocked_builds.is_interrupted(under_way, now()):
        return None
    return under_way


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
