"""Who the organisation is: shown with what is missing, entered at first, changed."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.contact_offices import contact_offices_by_name
from petitions.domain.fingerprints import fingerprint
from petitions.domain.organisation import (
    facts_of,
    is_readable,
    missing,
    save_organisation,
    the_organisation,
    values_of,
)
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.organisation.blueprint import blueprint
from petitions.web.organiser.organisation.forms import OrganisationForm, labels_of, typed_of
from petitions.web.organiser.organisation.letters import letterhead_width
from petitions.web.organiser.organisation.messages import MISSING, tell
from petitions.web.organiser.organisation_choices import time_zone_options
from petitions.web.organiser.organisation_conflicts import conflict_of, who_and_when


@blueprint.get("/")
@allowed(Right.LOOK)
def index() -> ResponseReturnValue:
    """Show the organisation; before set-up, the form that enters it."""
    organisation = the_organisation()
    if organisation is None and may(Right.MANAGE_ORGANISATION):
        return _form_page(_filled(), is_new=True)
    return render_template(
        "organiser/organisation/index.html",
        ours=organisation,
        letterhead_width=letterhead_width(organisation),
        facts=facts_of(organisation),
        readable=is_readable(facts_of(organisation).accent_colour),
        missing=[MISSING[word] for word in missing(organisation)],
        offices=contact_offices_by_name(interface_language()),
        changed=who_and_when("organisation"),
    )


@blueprint.get("/edit")
@allowed(Right.MANAGE_ORGANISATION)
def edit() -> ResponseReturnValue:
    """Show the form."""
    return _form_page(restored(_filled()), is_new=the_organisation() is None)


@blueprint.post("/edit")
@allowed(Right.MANAGE_ORGANISATION, edits=True)
def change() -> ResponseReturnValue:
    """Save the organisation."""
    form = OrganisationForm(request.form)
    is_new = the_organisation() is None
    db.session.rollback()  # what follows begins as a writer
    if not form.validate():
        return _form_page(form, 422, is_new=is_new)
    facts = form.facts()
    begin_write()
    try:
        save_organisation(facts, seen=form.seen.data or "", actor=actor(), now=now())
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _form_page(form, 422, is_new=is_new)
    except ChangedMeanwhile:
        db.session.rollback()
        theirs = facts_of(the_organisation())
        form.seen.data = fingerprint(values_of(theirs))
        told = conflict_of("organisation", typed_of(theirs), typed_of(facts), labels_of(form))
        return _form_page(form, 409, told=told)
    db.session.commit()
    forget_cached()
    flash(gettext("Saved. Pages show it within half a minute."), "done")
    if not is_readable(facts.accent_colour):
        flash(_pale(), "warning")
    return redirect(url_for("organisation.index"), 303)


def forget_cached() -> None:
    """Let this process show the new organisation at once; others do within half a minute."""
    current_app.extensions["petitions.organisation"] = (float("-inf"), None)


def _filled() -> OrganisationForm:
    facts = facts_of(the_organisation())
    form = OrganisationForm(data=typed_of(facts))
    form.seen.data = fingerprint(values_of(facts))
    return form


def _form_page(
    form: OrganisationForm,
    status: int = 200,
    *,
    is_new: bool = False,
    told: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "organiser/organisation/edit.html",
        form=form,
        problems=form.problems() if status == 422 else (),
        told=told,
        is_new=is_new,
        time_zones=time_zone_options(),
    )
    return page, status


def _pale() -> str:
    return str(
        gettext(
            "Words in this colour would be hard to read on white paper. "
            "Letters use it for lines only, and print their words in black."
        )
    )
