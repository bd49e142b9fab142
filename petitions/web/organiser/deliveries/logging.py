"""Logging a delivery, and correcting what was logged."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import audit, deliveries, receipts, uploads
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.domain.uploads import UploadRefused
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import Bundle, Petition
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.deliveries.address import about, blueprint, name_of_actor
from petitions.web.organiser.deliveries.shapes import DeliveryForm
from petitions.web.organiser.deliveries.words import conflict_rows, refusal_words, upload_words
from petitions.web.organiser.editing.typed import restored

LARGEST = 12 * 1024 * 1024
_Receipt = tuple[str, bytes]


@blueprint.get("/new/<int:bundle_id>")
@allowed(Right.DELIVER)
def new(bundle_id: int) -> ResponseReturnValue:
    """Show the form that logs an attempt to hand over a bundle."""
    form = DeliveryForm()
    form.deliverer_id.data = organiser().id
    return _new_page(_bundle(bundle_id), restored(form))


@blueprint.post("/new/<int:bundle_id>")
@allowed(Right.DELIVER, largest=LARGEST, edits=True)
def log(bundle_id: int) -> ResponseReturnValue:
    """Log an attempt, with its receipt where there is one."""
    form = DeliveryForm(request.form)
    is_valid = form.validate()
    receipt = uploaded(form)
    if not is_valid or form.receipt.errors:
        return _new_page(_bundle(bundle_id), form, lost=receipt is not None), 422
    begin_write()
    bundle = _bundle(bundle_id)
    zone = db.session.get_one(Petition, bundle.petition_id).time_zone
    moment = now()
    try:
        delivery = deliveries.log(bundle, form.facts(zone), organiser_id=organiser().id, now=moment)
    except Refused as refusal:
        db.session.rollback()
        form.add_error(refusal.field, refusal_words(refusal.reason))
        return _new_page(_bundle(bundle_id), form, lost=receipt is not None), 422
    if receipt:
        site = current_app.extensions["petitions"]
        receipts.keep(site, delivery, receipt, actor=actor(), now=moment)
    delivery_id = delivery.id
    db.session.commit()
    flash(gettext("The delivery is logged."), "done")
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)


@blueprint.get("/<int:delivery_id>/edit")
@allowed(Right.DELIVER)
def edit(delivery_id: int) -> ResponseReturnValue:
    """Show what was logged in a form that corrects it."""
    delivery = deliveries.delivery_numbered(delivery_id)
    bundle = _bundle(delivery.bundle_id)
    form = DeliveryForm()
    zone = db.session.get_one(Petition, bundle.petition_id).time_zone
    form.show(delivery, ZoneInfo(zone))
    form.seen.data = fingerprint(deliveries.values_of(delivery))
    return _edit_page(delivery_id, bundle, restored(form))


@blueprint.post("/<int:delivery_id>/edit")
@allowed(Right.DELIVER, edits=True)
def correct(delivery_id: int) -> ResponseReturnValue:
    """Correct what was logged; the trail keeps what stood there."""
    form = DeliveryForm(request.form)
    if not form.validate():
        return _edit_page(delivery_id, _bundle_of(delivery_id), form), 422
    begin_write()
    delivery = deliveries.delivery_numbered(delivery_id)
    zone = db.session.get_one(Petition, _bundle_of(delivery_id).petition_id).time_zone
    seen = form.seen.data or ""
    try:
        changed = deliveries.correct(
            delivery, form.facts(zone), seen=seen, actor=actor(), now=now()
        )
    except Refused as refusal:
        db.session.rollback()
        form.add_error(refusal.field, refusal_words(refusal.reason))
        return _edit_page(delivery_id, _bundle_of(delivery_id), form), 422
    except ChangedMeanwhile as change:
        db.session.rollback()
        form.seen.data = fingerprint(change.values)
        return _conflict_page(delivery_id, form, change), 409
    db.session.commit()
    if changed:
        flash(gettext("The correction is saved."), "done")
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)


def scanner() -> tuple[str, ...]:
    """Return the command of the virus scanner, where the operator has set one."""
    found: tuple[str, ...] = current_app.config["SETTINGS"].virus_scanner
    return found


def uploaded(form: DeliveryForm) -> _Receipt | None:
    """Return the receipt that came with a form, ready to be kept; say beside the field why not.

    Before any transaction: a picture takes a while to be written anew.
    """
    file = request.files.get("receipt")
    content = file.read() if file and file.filename else b""
    if not content:
        return None
    try:
        return uploads.receipt(content, scanner())
    except UploadRefused as refusal:
        form.receipt.errors = [upload_words(refusal.reason)]
        return None


def _conflict_page(delivery_id: int, form: DeliveryForm, change: ChangedMeanwhile) -> str:
    bundle = _bundle_of(delivery_id)
    entry = audit.latest(f"delivery {delivery_id}")
    zone = db.session.get_one(Petition, bundle.petition_id).time_zone
    return _edit_page(
        delivery_id,
        bundle,
        form,
        changed_by=name_of_actor(entry.actor) if entry else "",
        changed_at=entry.at if entry else now(),
        theirs=conflict_rows(change.values, zone),
    )


def _new_page(bundle: Bundle, form: DeliveryForm, *, lost: bool = False) -> str:
    if lost:
        form.add_error("receipt", gettext("Choose the receipt again: browsers do not keep it."))
    return render_template(
        "organiser/deliveries/new.html",
        form=form,
        problems=form.problems(),
        deliverers=_deliverers(form),
        **about(bundle),
    )


def _edit_page(delivery_id: int, bundle: Bundle, form: DeliveryForm, **conflict: Any) -> str:
    return render_template(
        "organiser/deliveries/edit.html",
        form=form,
        problems=form.problems(),
        delivery_id=delivery_id,
        deliverers=_deliverers(form),
        **about(bundle),
        **conflict,
    )


def _deliverers(form: DeliveryForm) -> list[tuple[int, str]]:
    """Return who may see to a delivery, and whoever does though they may not any more."""
    found, chosen = deliveries.deliverers(), form.deliverer_id.data
    if chosen is not None and chosen not in found:
        found[chosen] = name_of_actor(f"organiser {chosen}")
    return list(found.items())


def _bundle(bundle_id: int) -> Bundle:
    bundle = db.session.get(Bundle, bundle_id)
    if bundle is None:
        raise NotFound("no such bundle")
    return bundle


def _bundle_of(delivery_id: int) -> Bundle:
    return _bundle(deliveries.delivery_numbered(delivery_id).bundle_id)
