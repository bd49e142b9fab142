"""Publishing a draft: what is there, what is missing, and the button."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_missing import steps
from petitions.domain.petition_waiting import authors_of_draft, shown_drafts
from petitions.domain.petitions import petition_for_writing, petition_numbered
from petitions.domain.publishing import Incomplete, publish
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, NamesDestroyed, Refused, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.models import Organisation, PetitionState
from petitions.web.organiser.access import allowed, may, organiser
from petitions.web.organiser.petitions.overview import heading, shown_steps
from petitions.web.organiser.petitions.saving import blueprint, saved
from petitions.web.organiser.petitions.words import refusal_words, step_words


@blueprint.get("/<int:petition_id>/publish")
@allowed(Right.LOOK)
def publish_page(petition_id: int) -> ResponseReturnValue:
    """Show what publishing asks for, and the button to those who may."""
    return _page(petition_id)


@blueprint.post("/<int:petition_id>/publish")
@allowed(Right.PUBLISH)
def publish_now(petition_id: int) -> ResponseReturnValue:
    """Publish a draft with its case."""
    begin_write()
    try:
        seen = request.form.get("seen") or "missing"
        publish(petition_for_writing(petition_id), organiser(), now(), seen=seen)
    except Incomplete as refusal:
        db.session.rollback()
        problems = [("missing", step_words(step)) for step in refusal.missing]
        return _page(petition_id, problems, 422)
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(petition_id, warning=str(refusal_words("changed")), status=409)
    except Refused as refusal:
        db.session.rollback()
        return _page(petition_id, [("missing", str(refusal_words(refusal.reason)))], 422)
    except NamesDestroyed:
        db.session.rollback()
        return _page(petition_id, [("missing", str(refusal_words("names destroyed")))], 422)
    except TransitionRefused:
        db.session.rollback()
        flash(gettext("This petition is published already."), "info")
        return redirect(url_for("petitions.show", petition_id=petition_id), 303)
    db.session.commit()
    words = gettext("The petition is open: readers see it and can sign.")
    return saved(words, url_for("petitions.show", petition_id=petition_id))


def _page(
    petition_id: int,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
    warning: str = "",
) -> ResponseReturnValue:
    petition, case = petition_numbered(petition_id)
    if petition.state is not PetitionState.DRAFT:
        return redirect(url_for("petitions.show", petition_id=petition_id), 303)
    found = steps(petition, case, now())
    page = render_template(
        "organiser/petitions/publish.html",
        **heading(petition, case),
        seen=fingerprint(shown_drafts(petition_id)),
        steps=shown_steps(found),
        missing=[step for step in found if not step.done],
        problems=problems or [],
        warning=warning,
        may_publish=may(Right.PUBLISH),
        own_text=is_own_text(petition_id),
        case_too=case.published_at is None,
    )
    return page, status


def is_own_text(petition_id: int) -> bool:
    """Whether somebody else than whoever is signed in has to publish the drafts."""
    row = db.session.get(Organisation, 1)
    if row is None or row.authors_publish:
        return False
    return organiser().id in authors_of_draft(petition_id)
