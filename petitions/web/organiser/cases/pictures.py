"""Pictures of a case: brought in, described in each language, ordered, removed."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from petitions.clock import now
from petitions.documents.picture_sizes import forget
from petitions.domain import uploads
from petitions.domain.case_finding import case_of
from petitions.domain.case_permission import standing_of
from petitions.domain.case_pictures import (
    add_picture,
    move_picture,
    one_picture,
    picture_rows,
    remove_picture,
)
from petitions.domain.case_pictures import (
    picture_words as words_of_picture,
)
from petitions.domain.case_texts import languages_of
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.models import Case
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.cases.picture_words import DescriptionForm
from petitions.web.organiser.cases.saving import Trouble, blueprint, press, problems_of, save, saved
from petitions.web.organiser.cases.words import refusal_words

_LARGEST = 12 * 1024 * 1024


class PictureForm(DescriptionForm):
    """A new picture."""

    file = FileField(_l("Picture"))


@blueprint.get("/<int:case_id>/pictures")
@allowed(Right.LOOK)
def pictures(case_id: int) -> ResponseReturnValue:
    """Show the pictures of a case, and ask for another one."""
    return _page(case_of(case_id), PictureForm())


@blueprint.post("/<int:case_id>/pictures")
@allowed(Right.EDIT, largest=_LARGEST)
def save_new_picture(case_id: int) -> ResponseReturnValue:
    """Add a picture."""
    case, form = case_of(case_id), PictureForm(request.form)
    file = request.files.get("file")
    if not form.validate():
        if file is not None and file.filename:
            form.add_error("file", gettext("Choose the picture again: browsers do not keep it."))
        return _page(case, form, Trouble(422))
    try:
        made = uploads.picture(_content(file))
    except (Refused, uploads.UploadRefused) as refusal:
        form.add_error("file", refusal_words(refusal.reason))
        return _page(case, form, Trouble(422))
    trouble = save(form, case_id, lambda: add_picture(case_id, made, form.words(), actor(), now()))
    if trouble is not None:
        return _page(case_of(case_id), form, trouble)
    return saved(gettext("The picture was added."), url_for("cases.pictures", case_id=case_id))


@blueprint.post("/<int:case_id>/pictures/<int:picture_id>/move")
@allowed(Right.EDIT)
def reorder_picture(case_id: int, picture_id: int) -> ResponseReturnValue:
    """Let a picture change places with a neighbour."""
    up = request.form.get("way") == "up"
    return press(
        case_id,
        lambda: move_picture(case_id, picture_id, up, actor(), now()),
        gettext("The order was changed."),
        url_for("cases.pictures", case_id=case_id),
    )


@blueprint.get("/<int:case_id>/pictures/<int:picture_id>/remove")
@allowed(Right.EDIT)
def ask_to_remove_picture(case_id: int, picture_id: int) -> ResponseReturnValue:
    """Ask once more before a picture is removed."""
    case, picture = case_of(case_id), one_picture(case_id, picture_id)
    alt = words_of_picture(picture, case.source_language).alt
    return render_template(
        "organiser/cases/remove_picture.html", case=case, picture=picture, alt=alt
    )


@blueprint.post("/<int:case_id>/pictures/<int:picture_id>/remove")
@allowed(Right.EDIT)
def drop_picture(case_id: int, picture_id: int) -> ResponseReturnValue:
    """Remove a picture."""
    answer = press(
        case_id,
        lambda: remove_picture(case_id, picture_id, actor(), now()),
        gettext("The picture was removed."),
        url_for("cases.pictures", case_id=case_id),
    )
    forget(current_app.extensions["petitions"].pictures, [picture_id])
    return answer


def _content(file: Any) -> bytes:
    content: bytes = file.read() if file is not None else b""
    if not content:
        raise Refused("no file", "file")
    return content


def _page(case: Case, form: PictureForm, trouble: Trouble | None = None) -> ResponseReturnValue:
    counts = standing_of(case.id).counts
    page = render_template(
        "organiser/cases/pictures.html",
        case=case,
        pictures=picture_rows(case.id),
        told_in=languages_of(case),
        is_covered=counts is not None and counts.covers_picture,
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
    )
    return page, trouble.status if trouble else 200
