"""The list of a delivery as a file, where the office's rules ask for it."""

from flask import Response, current_app, flash, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import deliveries
from petitions.domain.handover_lists import electronic_list
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import Bundle
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.deliveries.address import blueprint
from petitions.web.organiser.deliveries.shapes import ListForm
from petitions.web.organiser.deliveries.showing import page_of
from petitions.web.organiser.deliveries.words import refusal_words


@blueprint.post("/<int:delivery_id>/list")
@allowed(Right.DELIVER, fresh=True)
def list_as_file(delivery_id: int) -> ResponseReturnValue:
    """Send number, name, place and country as CSV, once it is written down why."""
    form = ListForm(request.form)
    if not form.validate():
        return page_of(delivery_id, form), 422
    begin_write()
    delivery = deliveries.delivery_numbered(delivery_id)
    name = db.session.get_one(Bundle, delivery.bundle_id).public_id
    site = current_app.extensions["petitions"]
    reason = form.reason.data or ""
    try:
        lines = electronic_list(site, delivery, reason=reason, actor=actor(), now=now())
    except Refused as refusal:
        db.session.rollback()
        if not refusal.field:
            flash(refusal_words(refusal.reason), "warning")
            return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)
        form.add_error(refusal.field, refusal_words(refusal.reason))
        return page_of(delivery_id, form), 422
    db.session.commit()
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-list.csv"'
    return answer
