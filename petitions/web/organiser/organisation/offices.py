"""Contact offices: whom signers of a country may ask."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import contact_offices
from petitions.domain.bundle_overview import titles_of
from petitions.domain.contact_offices import ContactOfficeFacts, OfficeNeeded
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import comma
from petitions.models import ContactOffice
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.organisation.blueprint import blueprint
from petitions.web.organiser.organisation.forms import ContactOfficeForm, labels_of
from petitions.web.organiser.organisation.messages import OFFICE_NEEDED, tell
from petitions.web.organiser.organisation_choices import country_options
from petitions.web.organiser.organisation_conflicts import conflict_of
from petitions.web.page_frame import name_of_country


@blueprint.get("/contact-offices/new")
@allowed(Right.MANAGE_ORGANISATION)
def new_office() -> ResponseReturnValue:
    """Show an empty form."""
    return _page(restored(ContactOfficeForm()))


@blueprint.post("/contact-offices/new")
@allowed(Right.MANAGE_ORGANISATION, edits=True)
def add_office() -> ResponseReturnValue:
    """Add a contact office."""
    form = ContactOfficeForm(request.form)
    if not form.validate():
        return _page(form, status=422)
    begin_write()
    try:
        contact_offices.add_contact_office(form.facts(), actor=actor(), now=now())
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _page(form, status=422)
    db.session.commit()
    return _done(gettext("The contact office is saved."))


@blueprint.get("/contact-offices/<int:office_id>")
@allowed(Right.MANAGE_ORGANISATION)
def edit_office(office_id: int) -> ResponseReturnValue:
    """Show the form of one office. Raises NotFound."""
    facts = contact_offices.facts_of(contact_offices.get_contact_office(office_id))
    values = contact_offices.values_of(facts)
    form = ContactOfficeForm(data=values)
    form.seen.data = fingerprint(values)
    return _page(restored(form), office_id)


@blueprint.post("/contact-offices/<int:office_id>")
@allowed(Right.MANAGE_ORGANISATION, edits=True)
def change_office(office_id: int) -> ResponseReturnValue:
    """Save one office. Raises NotFound."""
    form = ContactOfficeForm(request.form)
    if not form.validate():
        return _page(form, office_id, 422)
    begin_write()
    try:
        contact_offices.change_contact_office(
            office_id, form.facts(), seen=form.seen.data or "", actor=actor(), now=now()
        )
    except OfficeNeeded as needed:
        db.session.rollback()
        titles = [title for _id, title, _language in _titled(needed.petition_ids)]
        named = comma(interface_language()).join(titles)
        form.add_error("country", f"{OFFICE_NEEDED} {named}")
        return _page(form, office_id, 422)
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _page(form, office_id, 422)
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        theirs = _told(contact_offices.facts_of(contact_offices.get_contact_office(office_id)))
        mine = _told(form.facts())
        told = conflict_of(f"contact office {office_id}", theirs, mine, labels_of(form))
        return _page(form, office_id, 409, told)
    db.session.commit()
    return _done(gettext("The contact office is saved."))


@blueprint.get("/contact-offices/<int:office_id>/delete")
@allowed(Right.MANAGE_ORGANISATION)
def ask_delete_office(office_id: int) -> ResponseReturnValue:
    """Ask once more. Raises NotFound."""
    return _delete_page(office_id), 200


@blueprint.post("/contact-offices/<int:office_id>/delete")
@allowed(Right.MANAGE_ORGANISATION)
def delete_office(office_id: int) -> ResponseReturnValue:
    """Delete one office. Raises NotFound."""
    begin_write()
    try:
        contact_offices.delete_contact_office(office_id, actor=actor(), now=now())
    except OfficeNeeded:
        db.session.rollback()
        return _delete_page(office_id), 409
    db.session.commit()
    return _done(gettext("The contact office is deleted."))


def _delete_page(office_id: int) -> str:
    office = contact_offices.get_contact_office(office_id)
    return render_template(
        "organiser/organisation/office_delete.html",
        office=office,
        place=_place(office),
        needed_by=_titled(contact_offices.needed_by(office)),
        needed=OFFICE_NEEDED,
    )


def _titled(petition_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Return id, title and language of the title of each petition."""
    titles = titles_of(list(petition_ids), wishes())
    return [(one, *titles[one]) for one in petition_ids if one in titles]


def _place(office: ContactOffice | ContactOfficeFacts) -> str:
    return name_of_country(office.country) if office.country else gettext("all other countries")


def _told(facts: ContactOfficeFacts) -> dict[str, Any]:
    return {**contact_offices.values_of(facts), "country": _place(facts)}


def _done(message: str) -> ResponseReturnValue:
    flash(message, "done")
    return redirect(url_for("organisation.index", _anchor="offices"), 303)


def _page(
    form: ContactOfficeForm,
    office_id: int | None = None,
    status: int = 200,
    told: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "organiser/organisation/office.html",
        form=form,
        office_id=office_id,
        problems=form.problems() if status == 422 else (),
        told=told,
        countries=country_options(),
    )
    return page, status
