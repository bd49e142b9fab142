"""Updates of a case: written, previewed, published, corrected in wording."""

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.case_finding import authors_publish, case_of
from petitions.domain.case_texts import languages_of
from petitions.domain.case_updates import (
    add_update,
    change_update,
    next_number,
    next_position,
    outdated_in,
    refuse_correction,
    update_of,
    updates_of,
    written_of,
)
from petitions.domain.case_versions import versions_of
from petitions.domain.planned import plan_of
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.models import Case, CaseUpdate, UpdateKind
from petitions.web.organiser.access import allowed, may, organiser
from petitions.web.organiser.cases.previews import preview_of_update
from petitions.web.organiser.cases.saving import Trouble, blueprint, problems_of, save, saved
from petitions.web.organiser.cases.update_form import UpdateForm, filled_update, line_of
from petitions.web.organiser.cases.versions import asked_version
from petitions.web.organiser.cases.words import UPDATE_KINDS, field_words, refusal_words
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.scheduling_words import trouble_of
from petitions.web.page_frame import own_day


@blueprint.get("/<int:case_id>/updates/new")
@allowed(Right.WRITE_TEXTS)
def new_update(case_id: int) -> ResponseReturnValue:
    """Ask for an update, in the case's source language."""
    case = case_of(case_id)
    is_known = case.published_at is not None or updates_of(case_id)
    kind = UpdateKind.FURTHER if is_known else UpdateKind.INITIAL
    form = UpdateForm(kind=kind.value, issued_on=own_day(now()))
    return _page(case, None, case.source_language, restored(form))


@blueprint.post("/<int:case_id>/updates/new")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_new_update(case_id: int) -> ResponseReturnValue:
    """Preview an update, or begin it."""
    case, form = case_of(case_id), UpdateForm(request.form)
    return _answered(case, None, case.source_language, form)


@blueprint.get("/<int:case_id>/updates/<int:update_id>")
@allowed(Right.LOOK)
def update(case_id: int, update_id: int) -> ResponseReturnValue:
    """Show an update in the source language, with what can be done to it."""
    return update_text(case_id, update_id, case_of(case_id).source_language)


@blueprint.get("/<int:case_id>/updates/<int:update_id>/text/<language>")
@allowed(Right.LOOK)
def update_text(case_id: int, update_id: int, language: str) -> ResponseReturnValue:
    """Show what an update says in a language."""
    case, found = case_of(case_id), update_of(case_id, update_id)
    written = written_of(found, language)
    form = restored(filled_update(written))
    if older := asked_version(case_id, language, update_id):
        form = filled_update(replace(written, **older.words), seen=written)
    return _page(case, found, language, form)


@blueprint.post("/<int:case_id>/updates/<int:update_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_update(case_id: int, update_id: int, language: str) -> ResponseReturnValue:
    """Preview an update, or change it."""
    case, found = case_of(case_id), update_of(case_id, update_id)
    form = UpdateForm(request.form)
    trouble = _uncorrected(found)
    if trouble is not None:
        return _page(case, found, language, form, trouble)
    if found.published_at is not None or language != case.source_language:
        form.keep_facts(written_of(found, language))
    return _answered(case, found, language, form)


def _answered(
    case: Case, found: CaseUpdate | None, language: str, form: UpdateForm
) -> ResponseReturnValue:
    action = request.form.get("action", "")
    if action == "edit":
        return _page(case, found, language, form)
    if not form.validate():
        return _page(case, found, language, form, Trouble(422))
    if action == "preview":
        position = found.position if found else next_position(case.id)
        number = found.number if found else next_number(case.id)
        line = line_of(form, language, position, number)
        return preview_of_update(case, line, request.form)
    kept: list[CaseUpdate] = []
    trouble = save(form, case.id, lambda: kept.append(_write(case, found, language, form)))
    if trouble is not None:
        return _page(case, found, language, form, trouble)
    where = url_for("cases.update_text", case_id=case.id, update_id=kept[0].id, language=language)
    return saved(gettext("Saved."), where)


def _write(case: Case, found: CaseUpdate | None, language: str, form: UpdateForm) -> CaseUpdate:
    if found is None:
        return add_update(case.id, form.written(), organiser(), now())
    return change_update(
        case.id,
        found.id,
        language,
        form.written(),
        seen=form.seen.data or "",
        may_publish=may(Right.PUBLISH),
        organiser=organiser(),
        now=now(),
        is_right=bool(request.form.get("is_right")),
    )


def _page(
    case: Case,
    found: CaseUpdate | None,
    language: str,
    form: UpdateForm,
    trouble: Trouble | None = None,
) -> ResponseReturnValue:
    source = case.source_language
    is_published = found is not None and found.published_at is not None
    rows = updates_of(case.id)
    outdated = outdated_in(found, language, source) if found else ()
    shown: dict[str, Any] = {
        "tag": language,
        "told_in": languages_of(case),
        "told": {row.update.id: row.titles for row in rows},
        "has_facts": not is_published and language == source,
        "source": written_of(found, source) if found and language != source else None,
        "may_write": may(Right.PUBLISH) and authors_publish()
        if is_published
        else may(Right.WRITE_TEXTS),
        "outdated": outdated,
        "outdated_words": [field_words(name) for name in outdated],
        "outdated_by_update": {row.update.id: row.outdated for row in rows},
        "is_correctable": authors_publish(),
        "kinds": [(kind.value, words) for kind, words in UPDATE_KINDS.items()],
        "update_kinds": UPDATE_KINDS,
        "has_versions": found is not None and bool(versions_of(case.id, language, found.id)),
        "plan": plan_of(update_id=found.id) if found else None,
        "trouble_of": trouble_of,
    }
    page = render_template(
        "organiser/cases/update.html",
        case=case,
        update=found,
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        **shown,
    )
    return page, trouble.status if trouble else 200


def _uncorrected(found: CaseUpdate) -> Trouble | None:
    """Say early why a published update stays as it is; the domain looks again when it writes."""
    if found.published_at is None:
        return None
    try:
        refuse_correction(may(Right.PUBLISH))
    except Refused as refusal:
        return Trouble(422, message=str(refusal_words(refusal.reason)))
    return None
