"""Sending the mail that asks for confirmation again: first what would happen, then doing it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal as number_words
from flask_babel import gettext, ngettext

from petitions.clock import now
from petitions.domain import resending
from petitions.domain.resend_choice import BATCH, Choice
from petitions.domain.resending import GOING, Fate, Plan
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations.finding import (
    back_to_list,
    blueprint,
    moment_in,
    nothing_selected,
    number_in,
    selected,
    site,
    titled,
)
from petitions.web.organiser.confirmations.words import fate_words
from petitions.web.page_frame import moment

_MOST_DAYS = 7


@blueprint.get("/<int:petition_id>/resend")
@allowed(Right.REVIEW)
def resend(petition_id: int) -> ResponseReturnValue:
    """Say how many mails would go, how many would wait, and why others would not go."""
    choice = _choice()
    if choice is None:
        return nothing_selected(petition_id)
    found, shown_at = titled(petition_id), now()
    plan = resending.plan(site(), found.petition, choice, shown_at)
    return render_template(
        "organiser/confirmations/resend.html",
        found=found,
        choice=choice,
        plan=plan,
        counts=[
            (fate, fate_words(fate, plan.counts[fate]), plan.counts[fate])
            for fate in Fate
            if plan.counts[fate]
        ],
        going=GOING,
        shown_at=shown_at.isoformat(),
        batch=BATCH,
        back=back_to_list(petition_id),
        budgets=site().budgets,
    )


@blueprint.post("/<int:petition_id>/resend")
@allowed(Right.REVIEW)
def do_resend(petition_id: int) -> ResponseReturnValue:
    """Queue the mails, then go on with the rest where there is any."""
    choice = _choice()
    if choice is None:
        return nothing_selected(petition_id)
    begin_write()
    found = titled(petition_id)
    plan = resending.resend(site(), found.petition, choice, actor(), now())
    db.session.commit()
    _tell(plan)
    if plan.rest:
        values: dict[str, Any] = {"after": plan.last, "days": choice.days}
        values["failed"] = "1" if choice.failed else None
        return redirect(url_for("confirmations.resend", petition_id=petition_id, **values), 303)
    if len(choice.ids) == 1:
        return redirect(url_for("confirmations.signature", signature_id=choice.ids[0]), 303)
    return redirect(back_to_list(petition_id), 303)


def _choice() -> Choice | None:
    """Return whom the request is about, or None where it names nobody."""
    days, failed = number_in("days"), bool(request.values.get("failed"))
    after, since = number_in("after") or 0, moment_in("since")
    if days is not None or failed:
        days = min(days, _MOST_DAYS) if days is not None else None
        return Choice(days=days, failed=failed, after=after, since=since)
    ids = selected()
    return Choice(ids=ids, since=since) if ids else None


def _tell(plan: Plan) -> None:
    if not plan.going:
        flash(gettext("No mail was queued."), "info")
        return
    text = ngettext(
        "%(number)s mail is on its way.",
        "%(number)s mails are on their way.",
        plan.going,
        number=number_words(plan.going),
    )
    if plan.until:  # one waits until a while after the mail before
        text = ngettext(
            "%(number)s mail is queued. One went to that address a short while ago: this one goes"
            " at %(when)s at the earliest.",
            "%(number)s mails are queued. Some addresses had one a short while ago: the last goes"
            " at %(when)s at the earliest.",
            plan.going,
            number=number_words(plan.going),
            when=moment(plan.until),
        )
    others = len(plan.fates) - plan.going
    if others:
        text += " " + ngettext(
            "%(number)s signature got none.",
            "%(number)s signatures got none.",
            others,
            number=number_words(others),
        )
    flash(text, "done")
