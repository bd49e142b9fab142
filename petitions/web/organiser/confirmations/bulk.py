"""Setting aside in bulk: a condition, what it means now, a reason; then how far it is, and undo."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, StringField
from wtforms.validators import StopValidation

from petitions.clock import now
from petitions.domain import bulk as bulk_setting_aside
from petitions.domain.bulk import Preview
from petitions.domain.case_keys import is_sealed
from petitions.domain.conditions import Condition
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.i18n import countries, countries_in
from petitions.models import Appearance, SetAsideBatch, SignatureState
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, number_in, site, titled
from petitions.web.organiser.confirmations.forms import ReasonForm, SetAsideForm
from petitions.web.organiser.forms import stripped
from petitions.web.page_frame import organisation_zone

_LOOKS_AGAIN_AFTER = "3"
_STATES = (SignatureState.PENDING, SignatureState.CONFIRMED)


class ConditionForm(SetAsideForm):
    """What the signatures have in common, and why they are set aside."""

    network = StringField(_l("Network, by its pseudonym"), filters=[stripped])
    domain = StringField(_l("Mail domain"), filters=[stripped])
    since = StringField(_l("Signed from"), filters=[stripped])
    until = StringField(_l("Signed before"), filters=[stripped])
    country = StringField(_l("Country"))
    language = StringField(_l("Language"), filters=[stripped])
    appearance = StringField(_l("Officials see"))
    state = StringField(_l("State"))
    mixed = BooleanField(_l("A word of the name mixes scripts, as Latin and Cyrillic letters"))

    def validate_since(self, field: Any) -> None:
        """Read a moment."""
        _moment(field.data)

    def validate_until(self, field: Any) -> None:
        """Read a moment."""
        _moment(field.data)

    def condition(self) -> Condition:
        """Return what was typed; what is not on a list counts as not chosen."""
        country, look, state = self.country.data, self.appearance.data, self.state.data
        chosen = country if country in countries() else ""
        return Condition(
            network=(self.network.data or "")[:16],
            domain=(self.domain.data or "")[:253].lower(),
            since=_moment(self.since.data),
            until=_moment(self.until.data),
            country=chosen or "",
            language=(self.language.data or "")[:12],
            appearance=Appearance(look) if look and look in [*Appearance] else None,
            state=SignatureState(state) if state and state in _STATES else None,
            mixed=self.mixed.data,
        )


@blueprint.get("/<int:petition_id>/bulk")
@allowed(Right.REVIEW)
def bulk(petition_id: int) -> ResponseReturnValue:
    """Show the form, and what its condition means where a link brought one along."""
    form = ConditionForm(MultiDict(request.args))
    if not request.args.keys() - {"lang"}:  # the page itself, in whatever language
        return _page(petition_id, form)
    return _previewed(petition_id, form)


@blueprint.post("/<int:petition_id>/bulk")
@allowed(Right.REVIEW)
def do_bulk(petition_id: int) -> ResponseReturnValue:
    """Show what a condition means, or have it done."""
    form = ConditionForm(request.form)
    if request.form.get("action") == "preview":
        return _previewed(petition_id, form)
    if not form.validate():
        return _refused(petition_id, form)
    try:
        total = _preview(petition_id, form).total  # opens names, so before there is a lock
        db.session.rollback()
        begin_write()
        batch, is_new = bulk_setting_aside.request(
            site(),
            titled(petition_id).petition,
            form.condition(),
            ground=form.ground.data or "",
            reason=form.reason.data or "",
            last_seen=number_in("last_seen") or 0,
            organiser_id=organiser().id,
            now=now(),
            total=total,
        )
    except Refused as refused:
        db.session.rollback()
        if not refused.field:
            flash(str(words.REFUSALS[refused.reason]), "warning")
            return redirect(url_for("confirmations.bulk", petition_id=petition_id), 303)
        form.add_error(refused.field, words.REFUSALS[refused.reason])
        return _refused(petition_id, form)
    batch_id = batch.id
    db.session.commit()
    if not is_new:
        flash(gettext("That is under way already. This is it."), "info")
    return redirect(url_for("confirmations.batch", batch_id=batch_id), 303)


@blueprint.get("/bulk/<int:batch_id>")
@allowed(Right.REVIEW)
def batch(batch_id: int) -> ResponseReturnValue:
    """Show how far a batch is; the page looks again while it is under way."""
    found = bulk_setting_aside.batch_numbered(batch_id)
    answer = make_response(_batch_page(found, ReasonForm()))
    if found.state in bulk_setting_aside.OPEN:
        answer.headers["Refresh"] = _LOOKS_AGAIN_AFTER
    return answer


@blueprint.post("/bulk/<int:batch_id>/stop")
@allowed(Right.REVIEW)
def stop_batch(batch_id: int) -> ResponseReturnValue:
    """End a batch that is under way."""
    begin_write()
    found = bulk_setting_aside.batch_numbered(batch_id)
    try:
        bulk_setting_aside.stop(site(), found, actor=actor(), now=now())
    except Refused:
        db.session.rollback()
        flash(gettext("It was over already."), "info")
    else:
        db.session.commit()
        flash(gettext("Stopped. What was set aside before stays so until you put it back."), "done")
    return redirect(url_for("confirmations.batch", batch_id=batch_id), 303)


@blueprint.post("/bulk/<int:batch_id>/undo")
@allowed(Right.REVIEW)
def undo_batch(batch_id: int) -> ResponseReturnValue:
    """Put back all that a batch set aside."""
    form = ReasonForm(request.form)
    found = bulk_setting_aside.batch_numbered(batch_id)
    if not form.validate():
        return _batch_page(found, form), 422
    db.session.rollback()
    begin_write()
    found = bulk_setting_aside.batch_numbered(batch_id)
    reason = form.reason.data or ""
    try:
        bulk_setting_aside.undo(
            site(), found, reason=reason, organiser_id=organiser().id, now=now()
        )
    except Refused as refused:
        db.session.rollback()
        if refused.field:
            form.add_error(refused.field, words.REFUSALS[refused.reason])
            return _batch_page(bulk_setting_aside.batch_numbered(batch_id), form), 422
        flash(str(words.REFUSALS[refused.reason]), "warning")
    else:
        db.session.commit()
    return redirect(url_for("confirmations.batch", batch_id=batch_id), 303)


def _previewed(petition_id: int, form: ConditionForm) -> ResponseReturnValue:
    """Show the form with what its condition means; refused, the error stands beside its field."""
    if not form.validate():
        return _page(petition_id, form), 422
    try:
        preview = _preview(petition_id, form)
    except Refused as refused:
        form.add_error(refused.field or "network", words.REFUSALS[refused.reason])
        return _page(petition_id, form), 422
    return _page(petition_id, form, preview)


def _refused(petition_id: int, form: ConditionForm) -> ResponseReturnValue:
    """Show the form with its errors, and what the condition means where that can be told."""
    preview = None
    if not form.since.errors and not form.until.errors:
        with suppress(Refused):
            preview = _preview(petition_id, form)
    return _page(petition_id, form, preview), 422


def _preview(petition_id: int, form: ConditionForm) -> Preview:
    petition = titled(petition_id).petition
    return bulk_setting_aside.preview(site(), petition, form.condition())


def _page(petition_id: int, form: ConditionForm, preview: Preview | None = None) -> str:
    found = titled(petition_id)
    return render_template(
        "organiser/confirmations/bulk.html",
        found=found,
        form=form,
        preview=preview,
        batches=bulk_setting_aside.batches_of(petition_id),
        opens=not is_sealed(found.petition.case_id),
        appearances=words.APPEARANCES,
        countries=countries_in(interface_language()),
        grounds=words.GROUNDS,
        batch_states=words.BATCH_STATES,
        problems=form.problems(),
        words=words,
    )


def _batch_page(found: SetAsideBatch, form: ReasonForm) -> str:
    return render_template(
        "organiser/confirmations/batch.html",
        found=titled(found.petition_id),
        batch=found,
        facts=words.condition_words(Condition.of(found.condition)),
        is_open=found.state in bulk_setting_aside.OPEN,
        form=form,
        names=words.names_of([f"organiser {found.requested_by}"]),
        problems=form.problems(),
        words=words,
    )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise StopValidation(_l("Write a day and a time, as 2026-03-14T09:26.")) from None
    return typed if typed.tzinfo else typed.replace(tzinfo=organisation_zone())
