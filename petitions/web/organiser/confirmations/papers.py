"""Signatures on paper and numbers of partners: a list, a form that adds, and taking out."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from petitions.clock import now
from petitions.domain import paper
from petitions.domain.fingerprints import fingerprint
from petitions.domain.paper_sheets import (
    COLUMNS,
    MOST_BYTES,
    Fault,
    SheetsRefused,
    enter_sheets,
)
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import countries_in
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, site, titled
from petitions.web.organiser.confirmations.forms import PaperForm, ReasonForm


@blueprint.get("/<int:petition_id>/paper")
@allowed(Right.REVIEW)
def papers(petition_id: int) -> ResponseReturnValue:
    """List what was entered, with the form for more."""
    return _page(petition_id, PaperForm())


@blueprint.post("/<int:petition_id>/paper")
@allowed(Right.REVIEW)
def add_paper(petition_id: int) -> ResponseReturnValue:
    """Enter a number."""
    form = PaperForm(request.form)
    if not form.validate():
        return _page(petition_id, form), 422
    begin_write()
    try:
        added = paper.add_paper(
            titled(petition_id).petition,
            form.entry(),
            seen=form.seen.data or "",
            organiser_id=organiser().id,
            actor=actor(),
            now=now(),
        )
    except Refused as refused:
        db.session.rollback()
        form.add_error(refused.field, words.REFUSALS[refused.reason])
        return _page(petition_id, form), 422
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(petition_id, form, changed=True), 409
    db.session.commit()
    flash(gettext("The number is entered.") if added else gettext("It was entered before."), "done")
    return redirect(url_for("confirmations.papers", petition_id=petition_id), 303)


@blueprint.post("/<int:petition_id>/paper/sheets")
@allowed(Right.REVIEW, largest=MOST_BYTES + 64 * 1024)
def add_sheets(petition_id: int) -> ResponseReturnValue:
    """Enter all rows of a file, or none and say what is wrong by line."""
    file = request.files.get("file")
    content = file.read() if file and file.filename else b""
    if not content:
        flash(gettext("Choose a file first."), "warning")
        return redirect(url_for("confirmations.papers", petition_id=petition_id), 303)
    begin_write()
    try:
        number = enter_sheets(
            titled(petition_id).petition,
            content,
            organiser_id=organiser().id,
            actor=actor(),
            now=now(),
        )
    except SheetsRefused as refused:
        db.session.rollback()
        return _page(petition_id, PaperForm(), faults=refused.faults), 422
    db.session.commit()
    told = ngettext("One row is entered.", "%(num)d rows are entered.", number)
    flash(told, "done")
    return redirect(url_for("confirmations.papers", petition_id=petition_id), 303)


@blueprint.get("/<int:petition_id>/paper/<int:paper_id>/remove")
@allowed(Right.REVIEW)
def remove_paper(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Ask why an entry is taken out."""
    return _removal(petition_id, paper_id, ReasonForm())


@blueprint.post("/<int:petition_id>/paper/<int:paper_id>/remove")
@allowed(Right.REVIEW)
def do_remove_paper(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Take an entry out."""
    form = ReasonForm(request.form)
    if not form.validate():
        return _removal(petition_id, paper_id, form), 422
    begin_write()
    petition = titled(petition_id).petition
    try:
        removed = paper.remove_paper(
            site(), petition, paper_id, reason=form.reason.data or "", actor=actor(), now=now()
        )
    except Refused as refused:
        db.session.rollback()
        form.add_error("reason", words.REFUSALS[refused.reason])
        return _removal(petition_id, paper_id, form), 422
    db.session.commit()
    if removed:
        flash(gettext("The number is taken out."), "done")
    else:
        flash(gettext("Nothing was changed: that had been done before."), "info")
    return redirect(url_for("confirmations.papers", petition_id=petition_id), 303)


def _page(
    petition_id: int, form: PaperForm, *, changed: bool = False, faults: Sequence[Fault] = ()
) -> str:
    found = titled(petition_id)
    entered = paper.papers_of(petition_id)
    if changed or not form.seen.data:
        form.seen.data = fingerprint(paper.values_of_list(entered))
    return render_template(
        "organiser/confirmations/papers.html",
        found=found,
        entered=entered,
        form=form,
        countries=countries_in(interface_language()),
        changed=changed,
        faults=faults,
        columns=COLUMNS,
        words=words,
        problems=[*form.problems(), *_problems(faults)],
    )


def _problems(faults: Sequence[Fault]) -> list[tuple[str, str]]:
    return [("file", gettext("Nothing of the file was entered."))] if faults else []


def _removal(petition_id: int, paper_id: int, form: ReasonForm) -> str:
    found = titled(petition_id)
    entry = next((row for row in paper.papers_of(petition_id) if row.id == paper_id), None)
    if entry is None:
        raise NotFound("no such entry")
    return render_template(
        "organiser/confirmations/remove_paper.html",
        found=found,
        entry=entry,
        form=form,
        problems=form.problems(),
    )
