"""Publishing an update, and throwing a draft of one away: each asks on a page of its own."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.case_finding import authors_publish, case_of
from petitions.domain.case_update_publishing import (
    publish_update,
    running_petitions,
    shown_update,
    stoppable_petitions,
)
from petitions.domain.case_updates import discard_update, told_of, update_of, written_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.models import Case, CaseUpdate
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.cases.saving import blueprint, press, seen
from petitions.web.organiser.cases.words import UPDATE_KINDS


@blueprint.get("/<int:case_id>/updates/<int:update_id>/publish")
@allowed(Right.PUBLISH)
def ask_to_publish_update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Show what publishing an update brings."""
    case, found = case_of(case_id), update_of(case_id, update_id)
    return _publishing_page(case, found)


@blueprint.post("/<int:case_id>/updates/<int:update_id>/publish")
@allowed(Right.PUBLISH)
def publish_update_now(case_id: int, update_id: int) -> ResponseReturnValue:
    """Publish an update, and move deadlines where that was ticked."""
    return press(
        case_id,
        lambda: publish_update(
            case_id,
            update_id,
            seen=seen(),
            move_deadline=bool(request.form.get("move_deadline")),
            organiser=organiser(),
            now=now(),
        ),
        gettext("The update is published."),
        again=url_for("cases.ask_to_publish_update", case_id=case_id, update_id=update_id),
    )


@blueprint.get("/<int:case_id>/updates/<int:update_id>/discard")
@allowed(Right.EDIT)
def ask_to_discard_update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Ask once more before a draft is thrown away."""
    case, found = case_of(case_id), update_of(case_id, update_id)
    title = written_of(found, case.source_language).title
    return render_template(
        "organiser/cases/discard_update.html", case=case, update=found, update_title=title
    )


@blueprint.post("/<int:case_id>/updates/<int:update_id>/discard")
@allowed(Right.EDIT)
def drop_update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    return press(
        case_id,
        lambda: discard_update(case_id, update_id, actor(), now()),
        gettext("The draft was discarded."),
    )


def _publishing_page(case: Case, found: CaseUpdate) -> ResponseReturnValue:
    return render_template(
        "organiser/cases/publish_update.html",
        case=case,
        update=found,
        told=told_of(found),
        seen=fingerprint(shown_update(found)),
        is_correctable=authors_publish(),
        running=running_petitions(case.id),
        stoppable=stoppable_petitions(case.id),
        update_kinds=UPDATE_KINDS,
    )
