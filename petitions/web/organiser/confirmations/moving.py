"""Setting signatures aside, and putting them back: first what would happen, then doing it."""

from collections import Counter
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext, ngettext

from petitions.clock import now
from petitions.domain import reviewing
from petitions.domain.expiry import waited_too_long
from petitions.domain.reviewing import Moved
from petitions.domain.rights import Right
from petitions.domain.signatures_shown import Shelf, signatures_with_ids
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import Petition
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations.finding import (
    back_to_list,
    blueprint,
    nothing_selected,
    selected,
    site,
    titled,
)
from petitions.web.organiser.confirmations.forms import ReasonForm, SetAsideForm
from petitions.web.organiser.confirmations.words import GROUNDS, REFUSALS, shelf_of


@blueprint.get("/<int:petition_id>/set-aside")
@allowed(Right.REVIEW)
def set_aside(petition_id: int) -> ResponseReturnValue:
    """Say what setting aside would do to those selected, and ask why."""
    return _page("set_aside", petition_id, SetAsideForm())


@blueprint.post("/<int:petition_id>/set-aside")
@allowed(Right.REVIEW)
def do_set_aside(petition_id: int) -> ResponseReturnValue:
    """Set aside, and offer to undo it."""
    form = SetAsideForm(request.form)

    def act(petition: Petition) -> Moved:
        ground, reason = form.ground.data or "", form.reason.data or ""
        return reviewing.set_aside(
            site(), petition, selected(), ground=ground, reason=reason, actor=actor(), now=now()
        )

    return _do("set_aside", petition_id, form, act)


@blueprint.get("/<int:petition_id>/put-back")
@allowed(Right.REVIEW)
def put_back(petition_id: int) -> ResponseReturnValue:
    """Say what putting back would do to those selected, and ask why."""
    return _page("put_back", petition_id, ReasonForm())


@blueprint.post("/<int:petition_id>/put-back")
@allowed(Right.REVIEW)
def do_put_back(petition_id: int) -> ResponseReturnValue:
    """Put back."""
    form = ReasonForm(request.form)

    def act(petition: Petition) -> Moved:
        reason = form.reason.data or ""
        return reviewing.put_back(
            site(), petition, selected(), reason=reason, actor=actor(), now=now()
        )

    return _do("put_back", petition_id, form, act)


def _page(what: str, petition_id: int, form: ReasonForm) -> ResponseReturnValue:
    ids = selected()
    if not ids:
        return nothing_selected(petition_id)
    found = titled(petition_id)
    rows = signatures_with_ids(found.petition, ids)
    return render_template(
        f"organiser/confirmations/{what}.html",
        found=found,
        form=form,
        ids=ids,
        counts=Counter(shelf_of(row) for row in rows),
        Shelf=Shelf,
        too_late=sum(
            shelf_of(row) is Shelf.SET_ASIDE and waited_too_long(row, now()) for row in rows
        ),
        to_confirmed=sum(
            shelf_of(row) is Shelf.SET_ASIDE and row.confirmed_at is not None for row in rows
        ),
        grounds=GROUNDS,
        problems=form.problems(),
        state=request.values.get("state", ""),
        back=back_to_list(petition_id),
    )


def _do(
    what: str, petition_id: int, form: ReasonForm, act: Callable[[Petition], Moved]
) -> ResponseReturnValue:
    if not selected():
        return nothing_selected(petition_id)
    if not form.validate():
        return _page(what, petition_id, form), 422  # type: ignore[return-value]  # page, status
    begin_write()
    try:
        moved = act(titled(petition_id).petition)
    except Refused as refused:
        db.session.rollback()
        message = REFUSALS[refused.reason]
        if not refused.field:
            flash(str(message), "warning")
            return redirect(back_to_list(petition_id), 303)
        form.add_error(refused.field, message)
        return _page(what, petition_id, form), 422  # type: ignore[return-value]  # page, status
    db.session.commit()
    _tell(what, petition_id, moved)
    return redirect(back_to_list(petition_id), 303)


def _tell(what: str, petition_id: int, moved: Moved) -> None:
    number = len(moved.done)
    if moved.too_late:
        flash(
            gettext(
                "Too late for %(number)s: not confirmed within a week, they expire.",
                number=format_decimal(len(moved.too_late)),
            ),
            "warning",
        )
    if not number:
        flash(gettext("Nothing was changed: what you selected was already so."), "info")
    elif what == "set_aside":
        text = ngettext(
            "%(number)s signature was set aside.",
            "%(number)s signatures were set aside.",
            number,
            number=format_decimal(number),
        )
        undo = {
            "text": text,
            "url": url_for("confirmations.do_put_back", petition_id=petition_id),
            "hidden": {
                "ids": " ".join(map(str, moved.done)),
                "reason": gettext("Undone at once"),
                "state": request.values.get("state", ""),
            },
        }
        flash(undo, "undo")  # type: ignore[arg-type]  # the frame takes a mapping
    else:
        text = ngettext(
            "%(number)s signature was put back.",
            "%(number)s signatures were put back.",
            number,
            number=format_decimal(number),
        )
        flash(text, "done")
