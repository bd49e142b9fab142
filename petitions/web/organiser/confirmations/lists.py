"""Who signed: lists by state, one signature, and looking up an exact address."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import address_search, signatures_shown
from petitions.domain.presenting import proof_of
from petitions.domain.rights import Right
from petitions.domain.signatures_shown import Shelf
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, number_in, site, titled
from petitions.web.organiser.confirmations.forms import AddressForm


@blueprint.get("/<int:petition_id>/signatures")
@allowed(Right.SEE_SIGNERS)
def signatures(petition_id: int) -> ResponseReturnValue:
    """List signatures in one state, newest first."""
    found = titled(petition_id)
    wanted = request.args.get("state", "")
    shelf = Shelf(wanted) if wanted in [*Shelf] else Shelf.CONFIRMED
    page = signatures_shown.page_of(
        site(), found.petition, shelf, before=number_in("before"), after=number_in("after")
    )
    return render_template(
        "organiser/confirmations/signatures.html",
        found=found,
        shelf=shelf,
        page=page,
        form=AddressForm(),
        words=words,
    )


@blueprint.post("/<int:petition_id>/address")
@allowed(Right.SEE_SIGNERS)
def search_address(petition_id: int) -> ResponseReturnValue:
    """Look up an address. It is in this request and its answer, and nowhere else."""
    form = AddressForm(request.form)
    answer, status = None, 422
    if form.validate():
        begin_write()
        petition = titled(petition_id).petition
        answer = address_search.search_address(site(), petition, form.address, actor(), now())
        db.session.commit()
        status = 200
    page = render_template(
        "organiser/confirmations/address.html",
        found=titled(petition_id),
        form=form,
        answer=answer,
        problems=form.problems(),
        words=words,
    )
    return page, status


@blueprint.get("/signature/<int:signature_id>")
@allowed(Right.SEE_SIGNERS)
def signature(signature_id: int) -> ResponseReturnValue:
    """Show what is known of one signature, and what can be done about it."""
    dossier = signatures_shown.dossier(site(), signature_id)
    return render_template(
        "organiser/confirmations/signature.html",
        proof=proof_of(dossier.line.signature),
        found=titled(dossier.petition.id),
        dossier=dossier,
        signature=dossier.line.signature,
        names=words.names_of(entry.actor for entry in dossier.history),
        words=words,
    )
