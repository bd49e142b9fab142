"""What is told of a case, one page for each language, beside the source language."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.case_drafts import waiting_draft
from petitions.domain.case_finding import case_of, names_of_organisers
from petitions.domain.case_texts import (
    draft_of,
    languages_of,
    remove_language,
    save_words,
    saved_words,
    words_from,
    words_now,
)
from petitions.domain.case_versions import versions_of
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.i18n import language_name
from petitions.models import Case
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, may, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.previews import preview_of_words
from petitions.web.organiser.cases.rows import add_rows, too_many
from petitions.web.organiser.cases.saving import (
    Trouble,
    asks_for_rows,
    blueprint,
    press,
    problems_of,
    save,
    saved,
)
from petitions.web.organiser.cases.text_form import TextForm, filled
from petitions.web.organiser.cases.versions import asked_version
from petitions.web.organiser.cases.words import field_words
from petitions.web.organiser.editing.typed import restored


@blueprint.get("/<int:case_id>/text/<language>")
@allowed(Right.LOOK)
def text(case_id: int, language: str) -> ResponseReturnValue:
    """Show what is told in a language, as a form where it may be changed."""
    words = words_now(case_id, language)
    form = restored(filled(words))
    if older := asked_version(case_id, language):
        form = filled(words_from(language, older.words), seen=words)
    return _page(_case(case_id, language), language, form)


@blueprint.post("/<int:case_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_text(case_id: int, language: str) -> ResponseReturnValue:
    """Save, preview, or go on with what was typed."""
    case, form = _case(case_id, language), TextForm(request.form)
    action = request.form.get("action", "")
    too_long = too_many(form)
    if too_long is not None:
        return _page(case, language, form, too_long)
    if asks_for_rows(request.form):
        return _page(case, language, form, add_rows(form.statements, 2))
    if action == "edit":
        return _page(case, language, form)
    if not form.validate():
        return _page(case, language, form, Trouble(422))
    words = form.words(language)
    if action == "preview":
        return preview_of_words(case, words, request.form)
    waits: list[bool] = []
    trouble = save(
        form,
        case_id,
        lambda: waits.append(
            save_words(
                case_id,
                words,
                seen=form.seen.data or "",
                organiser=organiser(),
                now=now(),
                is_right=bool(request.form.get("is_right")),
            )
        ),
    )
    if trouble is not None:
        return _page(case, language, form, trouble)
    return _after_saving(case, language, waits[0])


@blueprint.get("/<int:case_id>/languages/new")
@allowed(Right.WRITE_TEXTS)
def new_language(case_id: int) -> ResponseReturnValue:
    """Ask which language to write in; one that was chosen leads to its page."""
    chosen = request.args.get("tag", "")
    if choices.is_language(chosen):
        return redirect(url_for("cases.text", case_id=case_id, language=chosen))
    case = case_of(case_id)
    have = {line.language for line in languages_of(case)}
    offered = [
        (group, [row for row in rows if row[0] not in have]) for group, rows in choices.languages()
    ]
    return render_template("organiser/cases/new_language.html", case=case, language_choices=offered)


@blueprint.get("/<int:case_id>/text/<language>/remove")
@allowed(Right.EDIT)
def ask_to_remove_language(case_id: int, language: str) -> ResponseReturnValue:
    """Ask once more before a language is removed."""
    case = _case(case_id, language)
    is_kept = saved_words(case_id, language) is not None
    return render_template(
        "organiser/cases/remove_language.html",
        case=case,
        tag=language,
        is_public=is_kept and case.published_at is not None,
    )


@blueprint.post("/<int:case_id>/text/<language>/remove")
@allowed(Right.EDIT)
def drop_language(case_id: int, language: str) -> ResponseReturnValue:
    """Remove all that is told in a language."""
    return press(
        case_id,
        lambda: remove_language(case_id, language, actor(), now()),
        gettext("The language was removed."),
    )


def _case(case_id: int, language: str) -> Case:
    case = case_of(case_id)
    if language != case.source_language and not choices.is_language(language):
        raise NotFound("no such language")
    return case


def _after_saving(case: Case, language: str, waits: bool) -> Response | Any:
    if waits:
        flash(gettext("Saved. Readers see the changes once somebody publishes them."), "done")
        return redirect(url_for("cases.changes", case_id=case.id, language=language), 303)
    where = url_for("cases.text", case_id=case.id, language=language)
    return saved(gettext("Saved."), where)


def _page(
    case: Case, language: str, form: TextForm, trouble: Trouble | None = None
) -> ResponseReturnValue:
    draft = draft_of(case.id, language)
    source = words_now(case.id, case.source_language)
    while len(form.statements.entries) < len(source.statements):
        form.statements.append_entry()  # each statement of the source has a row beside it
    told_in = languages_of(case)
    outdated = next((line.outdated for line in told_in if line.language == language), ())
    page = render_template(
        "organiser/cases/text.html",
        case=case,
        tag=language,
        tag_name=language_name(language, shown_in=interface_language()),
        told_in=told_in,
        outdated=outdated,
        outdated_words=[field_words(name) for name in outdated],
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        field_words=field_words,
        source=source if language != source.language else None,
        draft=waiting_draft(case.id, language) if draft else None,
        writers=names_of_organisers(draft.written_by) if draft else (),
        may_write=may(Right.WRITE_TEXTS),
        has_versions=bool(versions_of(case.id, language)),
    )
    return page, trouble.status if trouble else 200
