"""The pages of an import: bring in a paper, look at the draft beside it, accept it.

Between them nothing is stored: the form carries the paper's text along.
"""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.import_matching import cases_like
from petitions.domain.importing import Done, take_in
from petitions.domain.papers import read_paper, read_text
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.intake.draft import Draft
from petitions.intake.files import LARGEST
from petitions.intake.refusals import IntakeError
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.importing.accepting import paper_of
from petitions.web.organiser.importing.forms import LEAVE_OUT, NEW, DraftForm, PaperForm
from petitions.web.organiser.importing.offering import form_of
from petitions.web.organiser.importing.showing import page_values, refusal_of, words_of
from petitions.web.organiser.petitions.rows import too_many_rows

blueprint = Blueprint("importing", __name__, url_prefix="/organiser/import")
_WITH_FORM = LARGEST + 1024 * 1024


@blueprint.get("/")
@allowed(Right.EDIT)
def index() -> ResponseReturnValue:
    """Ask for a paper."""
    return _ask_for_paper(PaperForm())


@blueprint.post("/")
@allowed(Right.EDIT, largest=_WITH_FORM)
def read() -> ResponseReturnValue:
    """Read a paper and show the draft beside it. Nothing is stored."""
    form, file = PaperForm(request.form), request.files.get("file")
    data = file.read() if file is not None and file.filename else b""
    if not data and not form.text.data:
        form.add_error("file", gettext("Choose a file, or paste the text below."))
        return _ask_for_paper(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        draft = read_paper(data) if data else read_text(form.text.data or "")
    except IntakeError as refusal:
        form.add_error("file" if data else "text", refusal_of(refusal))
        return _ask_for_paper(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _show(form_of(draft), draft)


@blueprint.post("/accept")
@allowed(Right.EDIT)
def accept() -> ResponseReturnValue:
    """Write the accepted draft down: case, petition, officials and asks in one transaction."""
    form = DraftForm(request.form)
    draft = _read_again(form)
    message = too_many_rows(form)
    if form.validate() and not message and _answered(form):
        begin_write()
        try:
            done = take_in(
                paper_of(form),
                organiser=organiser(),
                keyring=current_app.extensions["petitions"].keyring,
                now=now(),
            )
        except Refused as refusal:
            db.session.rollback()
            message = _put_beside(form, refusal)
        else:
            db.session.commit()
            return _go_on(done)
    return _show(form, draft, HTTPStatus.UNPROCESSABLE_ENTITY, message)


def _read_again(form: DraftForm) -> Draft:
    """The marks beside the form come from the paper's text; without it there are none."""
    try:
        return read_text(form.source.data or "")
    except IntakeError:
        return Draft(source=form.source.data or "")


def _answered(form: DraftForm) -> bool:
    """What is asked and never assumed: the case, and each official that is known already."""
    begins = bool(form.begin_petition.data)
    if form.kind.data == "new" and form.case_id.data == "":
        form.add_error("case_id", gettext("Choose the case, or begin a new one."))
    if form.kind.data != "new" and not (form.case_id.data or "").isdecimal():
        form.add_error("case_id", gettext("Choose the case that this paper belongs to."))
    for one in form.officials:
        which = one.form.which
        if begins and which.data not in {NEW, LEAVE_OUT} and not (which.data or "").isdecimal():
            which.errors = [gettext("Say whether this is an official of the directory.")]
    for ask in form.asks:
        if begins and not ask.form.leave_out.data and not ask.form.country.data:
            ask.form.country.errors = [gettext("Write the state that this is asked of.")]
    return not form.problems()


def _put_beside(form: DraftForm, refusal: Refused) -> str:
    """Put what the domain refuses beside its field; return it where the page has no such field."""
    words = words_of(refusal)
    name, _, rest = refusal.field.partition("-")
    if name == "officials" and rest:
        place, _, inner = rest.partition("-")
        kept = [one.form for one in form.officials if one.form.which.data != LEAVE_OUT]
        row = kept[int(place)]
        field = row[inner] if inner in row else row["office"]
        field.errors = [*field.errors, words]
    elif refusal.field in form and not hasattr(form[refusal.field], "entries"):
        form.add_error(refusal.field, words)
    else:
        return words
    return ""


def _go_on(done: Done) -> ResponseReturnValue:
    if done.petition_id is not None:
        words = gettext("The case and its petition are begun. Nobody but organisers sees them.")
        where = url_for("petitions.show", petition_id=done.petition_id)
    else:
        words = gettext("The paper is taken in, as a draft. Nobody but organisers sees it.")
        where = url_for("cases.show", case_id=done.case_id)
    flash(words, "done")
    return redirect(where, 303)


def _ask_for_paper(form: PaperForm, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    page = render_template("organiser/importing/index.html", form=form, problems=form.problems())
    return page, status


def _show(
    form: DraftForm, draft: Draft, status: int = HTTPStatus.OK, message: str = ""
) -> ResponseReturnValue:
    names = [one.form.name.data or "" for one in form.people]
    values: dict[str, Any] = page_values(form, draft, cases_like(form.case_number.data, names))
    problems = [*form.problems(), *([("main", message)] if message else [])]
    page = render_template("organiser/importing/draft.html", form=form, problems=problems, **values)
    return page, status
