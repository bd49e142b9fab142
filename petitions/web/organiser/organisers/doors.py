"""One account: who comes in. Inviting again, blocking, and taking a lost second step off."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import organiser_changes, organisers
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.organisers.base import blueprint, site
from petitions.web.organiser.organisers.forms import ReasonForm, refusal
from petitions.web.organiser.organisers.person import person_page


@blueprint.post("/<int:organiser_id>/invite-again")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def invite_again(organiser_id: int) -> ResponseReturnValue:
    """Mail the invitation once more."""
    begin_write()
    try:
        goes = organisers.invite_again(site(), organiser_id, actor(), now())
    except Refused as error:
        db.session.rollback()
        return _told(organiser_id, refusal(error), "warning")
    db.session.commit()
    if goes:
        return _told(organiser_id, gettext("The invitation is sent again."), "done")
    message = gettext(
        "Five invitations went to this person within the last hour. This one was withheld: "
        "please wait before you send another."
    )
    return _told(organiser_id, message, "warning")


@blueprint.post("/<int:organiser_id>/block")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def block(organiser_id: int) -> ResponseReturnValue:
    """Let an organiser in no more."""
    form = ReasonForm(request.form, prefix="block-")
    if not form.validate():
        return _again(organiser_id, "block", form)
    begin_write()
    try:
        organiser_changes.block(site(), organiser_id, form.reason.data or "", actor(), now())
    except Refused as error:
        db.session.rollback()
        return _refused(organiser_id, "block", form, error)
    db.session.commit()
    undo = {
        "text": gettext("The account is blocked, and signed out everywhere."),
        "url": url_for("organisers.unblock", organiser_id=organiser_id),
    }
    return _told(organiser_id, undo, "undo")


@blueprint.post("/<int:organiser_id>/unblock")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def unblock(organiser_id: int) -> ResponseReturnValue:
    """Let an organiser in again."""
    begin_write()
    organiser_changes.unblock(organiser_id, actor(), now())
    db.session.commit()
    return _told(organiser_id, gettext("The account may sign in again."), "done")


@blueprint.post("/<int:organiser_id>/reset-second-step")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def reset_second_step(organiser_id: int) -> ResponseReturnValue:
    """Take second step and recovery codes off the account of somebody who has lost them."""
    form = ReasonForm(request.form, prefix="reset-")
    if not form.validate():
        return _again(organiser_id, "reset", form)
    begin_write()
    try:
        reason = form.reason.data or ""
        organiser_changes.reset_second_step(site(), organiser_id, reason, actor(), now())
    except Refused as error:
        db.session.rollback()
        return _refused(organiser_id, "reset", form, error)
    db.session.commit()
    message = gettext("The second step is off. The next sign-in asks to set up a new one.")
    return _told(organiser_id, message, "done")


def _refused(organiser_id: int, name: str, form: ReasonForm, error: Refused) -> ResponseReturnValue:
    if error.reason == "yourself":
        return _told(organiser_id, refusal(error), "warning")
    form.add_error("reason", refusal(error))
    return _again(organiser_id, name, form)


def _again(organiser_id: int, name: str, form: ReasonForm) -> ResponseReturnValue:
    return person_page(organisers.organiser_numbered(organiser_id), reasons={name: form})


def _told(organiser_id: int, message: object, category: str) -> ResponseReturnValue:
    flash(message, category)  # type: ignore[arg-type]  # an undo is a mapping, as the frame wants it
    return redirect(url_for("organisers.one", organiser_id=organiser_id), 303)
