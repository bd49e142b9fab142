"""Replies of officials: recorded to a delivery or to a petition, and corrected."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import audit, deliveries, replies
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import Bundle, Delivery, Petition
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.deliveries.address import blueprint, name_of_actor
from petitions.web.organiser.deliveries.shapes import ReplyForm
from petitions.web.organiser.deliveries.words import conflict_rows, refusal_words
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import row_number
from petitions.web.organiser.organisation_choices import language_options


@blueprint.get("/replies/<int:petition_id>")
@allowed(Right.LOOK)
def replies_of(petition_id: int) -> ResponseReturnValue:
    """List the replies to a petition."""
    petition = _petition(petition_id)
    found = replies.replies_of(petition_id)
    return render_template(
        "organiser/deliveries/replies.html",
        petition=petition,
        petition_title=_title(petition),
        replies=found,
        names=office_names({reply.official_id for reply in found}, wishes()),
    )


@blueprint.get("/replies/<int:petition_id>/new")
@allowed(Right.DELIVER)
def new_reply(petition_id: int) -> ResponseReturnValue:
    """Show the form that records a reply; `delivery` in the address ties it to one."""
    form = ReplyForm()
    delivery = _delivery(petition_id)
    if delivery is not None:
        form.official.data = db.session.get_one(Bundle, delivery.bundle_id).official_id
    return _page(_petition(petition_id), restored(form), delivery=delivery)


@blueprint.post("/replies/<int:petition_id>/new")
@allowed(Right.DELIVER, edits=True)
def record_reply(petition_id: int) -> ResponseReturnValue:
    """Record a reply."""
    form = ReplyForm(request.form)
    if not form.validate():
        return _page(_petition(petition_id), form, delivery=_delivery(petition_id)), 422
    db.session.rollback()
    begin_write()
    delivery = _delivery(petition_id)
    try:
        replies.record(
            _petition(petition_id),
            form.official.data,
            form.facts(),
            delivery=delivery,
            organiser_id=organiser().id,
            now=now(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.add_error(refusal.field, refusal_words(refusal.reason))
        return _page(_petition(petition_id), form, delivery=_delivery(petition_id)), 422
    there = _back_to(delivery.id if delivery else None, petition_id)
    db.session.commit()
    flash(gettext("The reply is recorded."), "done")
    return redirect(there, 303)


@blueprint.get("/reply/<int:reply_id>")
@allowed(Right.DELIVER)
def edit_reply(reply_id: int) -> ResponseReturnValue:
    """Show a reply in a form that corrects it."""
    reply = replies.reply_numbered(reply_id)
    form = ReplyForm()
    for name in replies.FIELDS:
        form[name].data = getattr(reply, name)
    form.official.data = reply.official_id
    form.seen.data = fingerprint(replies.values_of(reply))
    return _page(_petition(reply.petition_id), restored(form), reply=reply)


@blueprint.post("/reply/<int:reply_id>")
@allowed(Right.DELIVER, edits=True)
def correct_reply(reply_id: int) -> ResponseReturnValue:
    """Correct a reply; the trail says which fields changed."""
    reply = replies.reply_numbered(reply_id)
    form = ReplyForm(request.form)
    form.official.data = reply.official_id
    if not form.validate():
        return _page(_petition(reply.petition_id), form, reply=reply), 422
    db.session.rollback()
    begin_write()
    reply = replies.reply_numbered(reply_id)
    there = _back_to(reply.delivery_id, reply.petition_id)
    try:
        replies.correct(reply, form.facts(), seen=form.seen.data or "", actor=actor(), now=now())
    except Refused as refusal:
        db.session.rollback()
        form.add_error(refusal.field, refusal_words(refusal.reason))
        reply = replies.reply_numbered(reply_id)
        return _page(_petition(reply.petition_id), form, reply=reply), 422
    except ChangedMeanwhile as change:
        db.session.rollback()
        form.seen.data = fingerprint(change.values)
        return _conflict_page(reply_id, form, change), 409
    db.session.commit()
    flash(gettext("The reply is saved."), "done")
    return redirect(there, 303)


def _conflict_page(reply_id: int, form: ReplyForm, change: ChangedMeanwhile) -> str:
    reply = replies.reply_numbered(reply_id)
    petition = _petition(reply.petition_id)
    entry = audit.latest(f"reply {reply_id}")
    return _page(
        petition,
        form,
        reply=reply,
        changed_by=name_of_actor(entry.actor) if entry else "",
        changed_at=entry.at if entry else now(),
        theirs=conflict_rows(change.values, petition.time_zone),
    )


def _page(petition: Petition, form: ReplyForm, **context: Any) -> str:
    names = office_names(replies.officials_who_may_reply(petition), wishes())
    return render_template(
        "organiser/deliveries/reply.html",
        form=form,
        officials=[(one, name.office) for one, name in names.items()],
        languages_to_choose=language_options(form.language.data),
        problems=form.problems(),
        petition=petition,
        petition_title=_title(petition),
        **context,
    )


def _petition(petition_id: int) -> Petition:
    petition = db.session.get(Petition, petition_id)
    if petition is None:
        raise NotFound("no such petition")
    return petition


def _delivery(petition_id: int) -> Delivery | None:
    """Return the delivery of this petition that the address names. Raises NotFound."""
    delivery_id = row_number(request.args.get("delivery"))
    if delivery_id is None:
        return None
    delivery = deliveries.delivery_numbered(delivery_id)
    if db.session.get_one(Bundle, delivery.bundle_id).petition_id != petition_id:
        raise NotFound("a delivery of another petition")
    return delivery


def _back_to(delivery_id: int | None, petition_id: int) -> str:
    if delivery_id is not None:
        return url_for("deliveries.show", delivery_id=delivery_id)
    return url_for("deliveries.replies_of", petition_id=petition_id)


def _title(petition: Petition) -> str:
    return titles_of([petition.id], wishes()).get(petition.id, ("", ""))[0]
