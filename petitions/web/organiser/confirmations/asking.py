"""A person who writes in: which signatures are theirs, and all that is held, to give to them."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import address_search, privacy
from petitions.domain.presenting import everything_held
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.web.held_file import held_file
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, selected, site
from petitions.web.organiser.confirmations.forms import AddressForm


@blueprint.get("/person")
@allowed(Right.SEE_SIGNERS, narrows=True)
def person() -> ResponseReturnValue:
    """Ask for the address that somebody signed with."""
    return _page(AddressForm(), None)


@blueprint.post("/person")
@allowed(Right.SEE_SIGNERS, narrows=True)
def find_person() -> ResponseReturnValue:
    """Look an address up on all petitions. It is in this request and its answer, nowhere else."""
    form = AddressForm(request.form)
    if not form.validate():
        return _page(form, None), 422
    begin_write()
    found = address_search.search_everywhere(site(), form.address, wishes(), actor(), now())
    db.session.commit()
    return _page(form, found)


@blueprint.post("/held")
@allowed(Right.REVIEW, fresh=True, narrows=True)
def held() -> ResponseReturnValue:
    """Give out all that is held about a person, as text or JSON; that it was is written down."""
    ids = selected()
    if not privacy.may_share_a_mailbox(ids):
        flash(gettext("These signatures are of several people: each gets their own."), "warning")
        return redirect(url_for("confirmations.person"), 303)
    db.session.rollback()  # what was read so far was read as a reader
    begin_write()
    found = everything_held(current_app.extensions["petitions"], ids, ended_too=True)
    if not found:
        db.session.rollback()
        flash(gettext("Nothing is held any more about what you chose."), "info")
        return redirect(url_for("confirmations.person"), 303)
    for one in found:
        privacy.note_given_out(one["signature"], actor(), now())
    db.session.commit()
    return held_file(found, request.form.get("as", ""), "signatures")


def _page(form: AddressForm, found: list[address_search.FoundSignature] | None) -> str:
    return render_template(
        "organiser/confirmations/person.html",
        form=form,
        found=found,
        problems=form.problems(),
        words=words,
    )
