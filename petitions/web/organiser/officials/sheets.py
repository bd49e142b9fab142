"""The directory as a file: taken out as CSV, and taken in after a look at what it would change.

Between looking and writing nothing is stored: the form carries the file's text along.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, TextAreaField

from petitions.clock import now
from petitions.documents.directory import COLUMNS, directory_lines
from petitions.domain.bundle_overview import office_names
from petitions.domain.directory_import import Change, Taken, take_in_directory
from petitions.domain.directory_sheets import MOST_BYTES, Fault, SheetRefused, sheet_rows
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.forms import NewOfficialForm
from petitions.web.organiser.officials.listing import SearchForm, found_by
from petitions.web.organiser.officials.messages import sheet_words

_WITH_FORM = MOST_BYTES + 128 * 1024


class SheetForm(ConsoleForm):
    """A file of the directory, and whether officials that are alike are others all the same."""

    file = FileField(_l("CSV file"))
    content = TextAreaField()
    knowing = BooleanField(_l("The new officials that are like existing ones are others: add them"))


@blueprint.get("/export.csv")
@allowed(Right.EDIT)
def export() -> ResponseReturnValue:
    """Send the officials that fit the search as CSV."""
    ids = [line.id for line in found_by(SearchForm(request.args))]
    answer = Response("".join(directory_lines(sheet_rows(ids))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="officials.csv"'
    return answer


@blueprint.get("/sheet")
@allowed(Right.EDIT)
def sheet() -> ResponseReturnValue:
    """Ask for a file."""
    return _page(SheetForm())


@blueprint.post("/sheet")
@allowed(Right.EDIT, largest=_WITH_FORM)
def preview_sheet() -> ResponseReturnValue:
    """Show what a file would change. It is done and taken back: nothing is written."""
    form, file = SheetForm(request.form), request.files.get("file")
    content = file.read() if file and file.filename else (form.content.data or "").encode()
    if not content:
        form.add_error("file", gettext("Choose a file first."))
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    begin_write()
    try:
        taken = _taken(content, form)
    except SheetRefused as refused:
        db.session.rollback()
        return _refused(form, content, refused.faults)
    db.session.rollback()
    return _preview(form, content, taken)


@blueprint.post("/sheet/write")
@allowed(Right.EDIT, largest=_WITH_FORM)
def write_sheet() -> ResponseReturnValue:
    """Write what was looked at; where the directory changed meanwhile, show it once more."""
    form = SheetForm(request.form)
    content = (form.content.data or "").encode()
    begin_write()
    try:
        taken = _taken(content, form)
    except SheetRefused as refused:
        db.session.rollback()
        return _refused(form, content, refused.faults)
    if taken.fingerprint() != form.seen.data:
        db.session.rollback()
        return _preview(form, content, taken, HTTPStatus.CONFLICT)
    db.session.commit()
    added, changed = taken.added, len(taken.changes) - taken.added
    told = [
        ngettext("%(num)d official is added.", "%(num)d officials are added.", added),
        ngettext("%(num)d official is changed.", "%(num)d officials are changed.", changed),
    ]
    flash(" ".join(told), "done")
    return redirect(url_for("officials.index"), 303)


def _taken(content: bytes, form: SheetForm) -> Taken:
    rights = [right for right in Right if may(right)]
    return take_in_directory(
        content, knowing=bool(form.knowing.data), actor=actor(), now=now(), rights=rights
    )


def _preview(
    form: SheetForm, content: bytes, taken: Taken, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    form.seen.data = taken.fingerprint()
    labels = _labels()
    return _page(
        form,
        status,
        content=content.decode("utf-8-sig"),
        taken=taken,
        changed_meanwhile=status == HTTPStatus.CONFLICT,
        rows=[(change, _told(change, labels)) for change in taken.changes],
    )


def _refused(form: SheetForm, content: bytes, faults: Sequence[Fault]) -> ResponseReturnValue:
    form.add_error("file", gettext("Nothing of the file was taken in."))
    alike = {official_id for fault in faults for official_id in fault.alike}
    return _page(
        form,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        content=content.decode("utf-8-sig", errors="replace") if alike else "",
        faults=[(fault, sheet_words(fault.reason)) for fault in faults],
        only_alike=all(fault.alike for fault in faults),
        names=office_names(alike, wishes()),
    )


def _told(change: Change, labels: dict[str, Any]) -> list[tuple[Any, str, str, str]]:
    return [
        (labels.get(name, name), language, _text(before), _text(after))
        for name, language, before, after in change.fields
    ]


def _text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def _labels() -> dict[str, Any]:
    labels = {name: field.label.text for name, field in NewOfficialForm()._fields.items()}
    return labels | {"accredited": _l("Responsible for")}


def _page(form: SheetForm, status: int = HTTPStatus.OK, **shown: Any) -> ResponseReturnValue:
    page = render_template(
        "organiser/officials/sheet.html",
        form=form,
        columns=COLUMNS,
        problems=form.problems(),
        **shown,
    )
    return page, status
