"""The texts of a case and of its updates that readers have seen: what each changed, used again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.case_finding import case_of, names_of_organisers
from petitions.domain.case_updates import update_of
from petitions.domain.case_versions import changes_of, forget, version_numbered, versions_of
from petitions.domain.rights import Right
from petitions.errors import NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import CaseTextVersion
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.cases.saving import blueprint
from petitions.web.organiser.cases.words import UPDATE_KINDS, field_words, refusal_words
from petitions.web.organiser.forms import row_number
from petitions.web.organiser.versions_shown import by_language


@blueprint.get("/<int:case_id>/text/<language>/versions")
@allowed(Right.LOOK)
def versions(case_id: int, language: str) -> ResponseReturnValue:
    """List the texts of a case that readers have seen in a language."""
    return _list(case_id, language, None)


@blueprint.get("/<int:case_id>/text/<language>/versions/<int:number>")
@allowed(Right.LOOK)
def version(case_id: int, language: str, number: int) -> ResponseReturnValue:
    """Show what one of them changed of the one before it."""
    return _one(case_id, language, number, None)


@blueprint.post("/<int:case_id>/text/<language>/versions/<int:number>/forget")
@allowed(Right.PUBLISH)
def forget_version(case_id: int, language: str, number: int) -> ResponseReturnValue:
    """Delete one of them for good."""
    _forget(case_id, language, number, None)
    return redirect(url_for("cases.versions", case_id=case_id, language=language), 303)


@blueprint.get("/<int:case_id>/updates/<int:update_id>/text/<language>/versions")
@allowed(Right.LOOK)
def update_versions(case_id: int, update_id: int, language: str) -> ResponseReturnValue:
    """List the words of an update that readers have seen in a language."""
    return _list(case_id, language, update_id)


@blueprint.get("/<int:case_id>/updates/<int:update_id>/text/<language>/versions/<int:number>")
@allowed(Right.LOOK)
def update_version(case_id: int, update_id: int, language: str, number: int) -> ResponseReturnValue:
    """Show what one of them changed of the one before it."""
    return _one(case_id, language, number, update_id)


@blueprint.post(
    "/<int:case_id>/updates/<int:update_id>/text/<language>/versions/<int:number>/forget"
)
@allowed(Right.PUBLISH)
def forget_update_version(
    case_id: int, update_id: int, language: str, number: int
) -> ResponseReturnValue:
    """Delete one of them for good."""
    _forget(case_id, language, number, update_id)
    here: dict[str, Any] = {"case_id": case_id, "update_id": update_id, "language": language}
    return redirect(url_for("cases.update_versions", **here), 303)


def asked_version(
    case_id: int, language: str, update_id: int | None = None
) -> CaseTextVersion | None:
    """Return the version that an address asks a form to be filled with. Raises NotFound."""
    asked = request.args.get("version")
    if asked is None:
        return None
    number = row_number(asked)
    if number is None:
        raise NotFound("no such version")
    return version_numbered(case_id, language, number, update_id)


def _list(case_id: int, language: str, update_id: int | None) -> ResponseReturnValue:
    about = _about(case_id, language, update_id)
    rows = [
        (
            one.number,
            _url("version", case_id, language, update_id, number=one.number),
            one.published_at,
            names_of_organisers(one.written_by),
        )
        for one in versions_of(case_id, language, update_id)
    ]
    return render_template("organiser/cases/versions.html", versions=rows, **about)


def _one(case_id: int, language: str, number: int, update_id: int | None) -> ResponseReturnValue:
    about = _about(case_id, language, update_id)
    shown = version_numbered(case_id, language, number, update_id)
    found = versions_of(case_id, language, update_id)
    before = next((one for one in found if one.number < number), None)
    form = "text" if update_id is None else "update_text"
    values = {"case_id": case_id, "language": language, "version": number}
    if update_id is not None:
        values["update_id"] = update_id
    return render_template(
        "organiser/cases/version.html",
        version=shown,
        writers=names_of_organisers(shown.written_by),
        before=before,
        is_newest=found[0] is shown,
        by_language=by_language(changes_of(before, shown)),
        field_words=field_words,
        again=url_for(f"cases.{form}", **dict[str, Any](values)),
        forget=_url("forget", case_id, language, update_id, number=number),
        all_versions=_url("versions", case_id, language, update_id),
        **about,
    )


def _forget(case_id: int, language: str, number: int, update_id: int | None) -> None:
    begin_write()
    try:
        forget(case_id, language, number, actor(), now(), update_id=update_id)
    except Refused as refusal:
        db.session.rollback()
        flash(refusal_words(refusal.reason), "warning")
        return
    db.session.commit()
    flash(gettext("The version is deleted for good."), "done")


def _about(case_id: int, language: str, update_id: int | None) -> dict[str, Any]:
    case = case_of(case_id)
    update = None if update_id is None else update_of(case_id, update_id)
    return {
        "case": case,
        "update": update,
        "update_kinds": UPDATE_KINDS,
        "tag": language,
        "tag_name": language_name(language, shown_in=interface_language()),
    }


_ENDPOINTS = {
    "versions": ("cases.versions", "cases.update_versions"),
    "version": ("cases.version", "cases.update_version"),
    "forget": ("cases.forget_version", "cases.forget_update_version"),
}


def _url(page: str, case_id: int, language: str, update_id: int | None, **more: int) -> str:
    values: dict[str, Any] = {"case_id": case_id, "language": language, **more}
    if update_id is None:
        return url_for(_ENDPOINTS[page][0], **values)
    return url_for(_ENDPOINTS[page][1], update_id=update_id, **values)
