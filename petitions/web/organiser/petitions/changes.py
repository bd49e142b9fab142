"""Changes of a published petition that wait: compared, published or discarded."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_comparing import Comparison, compare
from petitions.domain.petition_missing import steps_of_text
from petitions.domain.petition_waiting import languages_lost, shown_drafts, waits
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.presenting.versions import addressees_of
from petitions.domain.publishing import discard_changes, publish_changes
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.i18n import country_name, language_name
from petitions.models import PetitionState
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.petitions.overview import heading, shown_steps
from petitions.web.organiser.petitions.publishing import is_own_text
from petitions.web.organiser.petitions.saving import blueprint, press, saved
from petitions.web.organiser.petitions.words import addressee_words, field_words, refusal_words
from petitions.web.organiser.versions_shown import by_language


@blueprint.get("/<int:petition_id>/changes")
@allowed(Right.LOOK)
def changes(petition_id: int) -> ResponseReturnValue:
    """Compare what waits with what readers see."""
    return _page(petition_id)


@blueprint.post("/<int:petition_id>/changes/publish")
@allowed(Right.PUBLISH)
def publish_waiting(petition_id: int) -> ResponseReturnValue:
    """Make the changes what readers see."""
    begin_write()
    try:
        seen = request.form.get("seen") or "missing"
        publish_changes(petition_to_change(petition_id), organiser(), now(), seen=seen)
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(petition_id, warning=str(refusal_words("changed")), status=409)
    except (Refused, TransitionRefused) as error:
        db.session.rollback()
        reason = error.reason if isinstance(error, Refused) else "state"
        if not waits(petition_id):
            flash(refusal_words("nothing waits"), "info")
            return redirect(url_for("petitions.show", petition_id=petition_id), 303)
        return _page(petition_id, [("changes", str(refusal_words(reason)))], 422)
    db.session.commit()
    words = gettext("Readers see the changes now. Who signed before keeps what they saw.")
    return saved(words, url_for("petitions.show", petition_id=petition_id))


@blueprint.post("/<int:petition_id>/changes/discard")
@allowed(Right.EDIT)
def discard_waiting(petition_id: int) -> ResponseReturnValue:
    """Delete the changes that wait."""
    seen = request.form.get("seen") or "missing"
    try:
        return press(
            petition_id,
            lambda: discard_changes(petition_to_change(petition_id), organiser(), now(), seen=seen),
            gettext("The changes are discarded. Readers see what they saw before."),
        )
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(petition_id, warning=str(refusal_words("changed")), status=409)


def told_of(found: Comparison, petition_id: int) -> dict[str, Any]:
    """Return what a page shows of a comparison: words by language, and the aims of asks."""
    shown_in = interface_language()
    names = {line.id: addressee_words(line) for line in addressees_of(petition_id, wishes())}

    def aimed(told: tuple[str, frozenset[int]] | None) -> str:
        if told is None:
            return ""
        country, ids = told
        parts = [
            country_name(country, shown_in),
            *(names[one] for one in sorted(ids & names.keys())),
        ]
        return " · ".join(parts)

    return {
        "by_language": by_language(found.words),
        "aims": [(one.place, aimed(one.before), aimed(one.after)) for one in found.aims],
        "field_words": field_words,
    }


def _page(
    petition_id: int,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
    warning: str = "",
) -> ResponseReturnValue:
    petition, case = petition_numbered(petition_id)
    if petition.state is PetitionState.DRAFT or not waits(petition_id):
        return redirect(url_for("petitions.show", petition_id=petition_id), 303)
    found, shown_in = compare(petition_id), interface_language()
    missing = [step for step in steps_of_text(petition, case) if not step.done]
    page = render_template(
        "organiser/petitions/changes.html",
        **heading(petition, case),
        **told_of(found, petition_id),
        unfinished=[language_name(tag, shown_in=shown_in) for tag in found.unfinished],
        lost=[language_name(tag, shown_in=shown_in) for tag in languages_lost(petition_id)],
        missing=missing,
        seen=fingerprint(shown_drafts(petition_id)),
        steps=shown_steps(missing),
        own_text=is_own_text(petition_id),
        problems=problems or [],
        warning=warning,
    )
    return page, status
