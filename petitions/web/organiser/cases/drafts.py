"""Changes of a published text that wait: compared, published, discarded."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.case_covering import is_public
from petitions.domain.case_drafts import (
    changes_of,
    discard_draft,
    publish_draft,
    shown_changes,
    tells_story,
    waiting_draft,
)
from petitions.domain.case_finding import case_of, names_of_organisers
from petitions.domain.case_permission import standing_of
from petitions.domain.case_texts import saved_words
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.i18n import language_name
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.cases.saving import blueprint, press, seen
from petitions.web.organiser.cases.words import field_words


@blueprint.get("/<int:case_id>/text/<language>/changes")
@allowed(Right.LOOK)
def changes(case_id: int, language: str) -> ResponseReturnValue:
    """Compare what waits with what readers see."""
    return _page("changes.html", case_id, language)


@blueprint.post("/<int:case_id>/text/<language>/changes")
@allowed(Right.PUBLISH)
def publish_changes(case_id: int, language: str) -> ResponseReturnValue:
    """Publish what waits."""
    return press(
        case_id,
        lambda: publish_draft(
            case_id,
            language,
            seen=seen(),
            organiser=organiser(),
            now=now(),
        ),
        gettext("The changes are published."),
        again=url_for("cases.changes", case_id=case_id, language=language),
    )


@blueprint.get("/<int:case_id>/text/<language>/discard")
@allowed(Right.WRITE_TEXTS)
def ask_to_discard(case_id: int, language: str) -> ResponseReturnValue:
    """Ask once more before changes are thrown away."""
    return _page("discard.html", case_id, language)


@blueprint.post("/<int:case_id>/text/<language>/discard")
@allowed(Right.WRITE_TEXTS)
def discard_changes(case_id: int, language: str) -> ResponseReturnValue:
    """Throw the changes away."""
    return press(
        case_id,
        lambda: discard_draft(case_id, language, seen=seen(), actor=actor(), now=now()),
        gettext("The changes are discarded. Readers see what they saw before."),
    )


def _page(template: str, case_id: int, language: str) -> ResponseReturnValue:
    draft, case = waiting_draft(case_id, language), case_of(case_id)
    counts = standing_of(case_id).counts
    covers_story = counts is not None and counts.covers_story
    return render_template(
        f"organiser/cases/{template}",
        case=case,
        tag=language,
        tag_name=language_name(language, shown_in=interface_language()),
        draft=draft,
        seen=fingerprint(shown_changes(draft)),
        writers=names_of_organisers(draft.written_by),
        changes=changes_of(draft),
        is_new=saved_words(case_id, language) is None,
        field_words=field_words,
        lacks_permission=is_public(case) and tells_story(draft) and not covers_story,
    )
