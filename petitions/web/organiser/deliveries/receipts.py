"""Receipts: added, replaced, removed, and shown to who may deliver, for a list may be on them."""

from flask import Response, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import deliveries, receipts, uploads
from petitions.domain.rights import Right
from petitions.domain.uploads import UploadRefused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.deliveries.address import blueprint
from petitions.web.organiser.deliveries.logging import LARGEST, scanner
from petitions.web.organiser.deliveries.words import upload_words

_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@blueprint.post("/<int:delivery_id>/receipt")
@allowed(Right.DELIVER, largest=LARGEST)
def add_receipt(delivery_id: int) -> ResponseReturnValue:
    """Keep a receipt in place of the one before."""
    file = request.files.get("receipt")
    content = file.read() if file and file.filename else b""
    there = redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)
    if not content:
        flash(gettext("Choose a file first: a picture or a PDF."), "warning")
        return there
    try:
        receipt = uploads.receipt(content, scanner())  # before the transaction: it takes a while
    except UploadRefused as refusal:
        flash(upload_words(refusal.reason), "warning")
        return there
    begin_write()
    delivery = deliveries.delivery_numbered(delivery_id)
    site = current_app.extensions["petitions"]
    receipts.keep(site, delivery, receipt, actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The receipt is kept, sealed."), "done")
    return there


@blueprint.post("/<int:delivery_id>/receipt/remove")
@allowed(Right.DELIVER)
def remove_receipt(delivery_id: int) -> ResponseReturnValue:
    """Remove a receipt for good."""
    begin_write()
    receipts.remove(deliveries.delivery_numbered(delivery_id), actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The receipt is removed."), "done")
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)


@blueprint.get("/<int:delivery_id>/receipt")
@allowed(Right.DELIVER)
def receipt(delivery_id: int) -> Response:
    """Send a receipt: a picture to look at, a PDF to download. Nothing in it can run."""
    site = current_app.extensions["petitions"]
    media_type, content = receipts.opened(site, deliveries.delivery_numbered(delivery_id))
    name = f"receipt-{delivery_id}.{_ENDINGS.get(media_type, 'bin')}"
    shown = "inline" if media_type.startswith("image/") else "attachment"
    answer = make_response(content)
    answer.content_type = media_type
    answer.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
