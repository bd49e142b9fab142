"""Changing an official's facts, noting that they were checked, deleting."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from petitions.clock import now
from petitions.domain import officials
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_facts import facts_of, values_of
from petitions.domain.official_lists import texts_of
from petitions.domain.official_uses import Similar, is_addressee, is_used, similar_to, used_by
from petitions.domain.officials import get_official
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.models import OfficialKind
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import row_number
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.entering import choices
from petitions.web.organiser.officials.forms import FactsForm, labels_of, told_of, typed_of
from petitions.web.organiser.officials.listing import SearchForm
from petitions.web.organiser.officials.messages import tell
from petitions.web.organiser.organisation_conflicts import conflict_of
from petitions.web.page_frame import own_day


@blueprint.get("/<int:official_id>/edit")
@allowed(Right.EDIT)
def edit(official_id: int) -> ResponseReturnValue:
    """Show the facts to be changed. Raises NotFound."""
    facts = facts_of(get_official(official_id))
    form = FactsForm(data=typed_of(facts))
    form.seen.data = fingerprint(values_of(facts))
    return _page(official_id, restored(form))


@blueprint.post("/<int:official_id>/edit")
@allowed(Right.EDIT, edits=True)
def change(official_id: int) -> ResponseReturnValue:
    """Save changed facts. Raises NotFound."""
    form = FactsForm(request.form)
    if not form.validate():
        return _page(official_id, form, 422)
    begin_write()
    try:
        officials.change_facts(
            official_id,
            form.facts(),
            seen=form.seen.data or "",
            actor=actor(),
            now=now(),
            knowing=form.knowing.data,
        )
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _page(official_id, form, 422)
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        theirs = told_of(facts_of(get_official(official_id)))
        told = conflict_of(
            f"official {official_id}", theirs, told_of(form.facts()), labels_of(form)
        )
        return _page(official_id, form, 409, told)
    db.session.commit()
    flash(gettext("Saved."), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


@blueprint.post("/<int:official_id>/checked")
@allowed(Right.EDIT)
def checked(official_id: int) -> ResponseReturnValue:
    """Note that the official was checked today. Raises NotFound."""
    moment = now()
    begin_write()
    officials.mark_checked(official_id, own_day(moment), actor=actor(), now=moment)
    db.session.commit()
    flash(gettext("Noted: checked today."), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


@blueprint.post("/checked")
@allowed(Right.EDIT)
def many_checked() -> ResponseReturnValue:
    """Note that all officials that were ticked in the list were checked today. Raises NotFound."""
    ticked = {number for one in request.form.getlist("official") if (number := row_number(one))}
    moment = now()
    begin_write()
    try:
        number = officials.mark_many_checked(ticked, own_day(moment), actor=actor(), now=moment)
    except Refused:
        db.session.rollback()
        flash(gettext("Tick those that you have checked first."), "warning")
    else:
        db.session.commit()
        words = ngettext(
            "Noted: %(num)d official was checked today.",
            "Noted: %(num)d officials were checked today.",
            number,
        )
        flash(words, "done")
    search = {field.name: request.form.get(field.name) or None for field in SearchForm()}
    return redirect(url_for("officials.index", **dict[str, Any](search)), 303)


@blueprint.get("/<int:official_id>/delete")
@allowed(Right.EDIT)
def ask_delete(official_id: int) -> ResponseReturnValue:
    """Ask once more, or explain why the official stays. Raises NotFound."""
    return _delete_page(official_id)


@blueprint.post("/<int:official_id>/delete")
@allowed(Right.EDIT)
def delete(official_id: int) -> ResponseReturnValue:
    """Delete an official that nothing uses. Raises NotFound."""
    begin_write()
    try:
        officials.delete_official(official_id, actor=actor(), now=now())
    except Refused:
        db.session.rollback()
        return _delete_page(official_id, 409)
    db.session.commit()
    flash(gettext("The official is deleted."), "done")
    return redirect(url_for("officials.index"), 303)


def _delete_page(official_id: int, status: int = 200) -> ResponseReturnValue:
    official = get_official(official_id)
    page = render_template(
        "organiser/officials/delete.html",
        official=official,
        source=texts_of(official.id)[official.source_language],
        used=is_used(official.id),
        uses=used_by(official.id, [interface_language()]),
    )
    return page, status


def _page(
    official_id: int, form: FactsForm, status: int = 200, told: dict[str, Any] | None = None
) -> ResponseReturnValue:
    official = get_official(official_id)
    source = texts_of(official.id)[official.source_language]
    similar: tuple[Similar, ...] = ()
    if status == 422:
        emails = tuple((form.emails.data or "").split())
        similar = similar_to(emails, source.office, form.country.data or None, but=official.id)
    page = render_template(
        "organiser/officials/edit.html",
        official=official,
        source=source,
        form=form,
        problems=form.problems() if status == 422 else (),
        told=told,
        similar=similar,
        fixed=is_addressee(official.id),
        is_embassy=form.kind.data != OfficialKind.OFFICE,
        **choices(form),
    )
    return page, status
