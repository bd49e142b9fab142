"""What cannot be undone about one signature: attest it, withdraw it, erase it. Asked once more."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Field

from petitions.clock import now
from petitions.domain import reviewing, signatures_shown
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, site, titled
from petitions.web.organiser.confirmations.forms import EraseForm, ReasonForm
from petitions.web.organiser.forms import ConsoleForm

_DONE: dict[str, Any] = {
    "attest": _l("The signature is attested, and its address deleted."),
    "withdraw": _l("The signature is withdrawn."),
    "erase": _l("The signature is withdrawn, and nothing of the person is kept."),
}
_NOTHING = _l("Nothing was changed: that had been done before.")


@blueprint.get("/signature/<int:signature_id>/attest")
@allowed(Right.REVIEW)
def attest(signature_id: int) -> ResponseReturnValue:
    """Say what attesting does, and ask why."""
    return _page("attest", signature_id, ReasonForm())


@blueprint.post("/signature/<int:signature_id>/attest")
@allowed(Right.REVIEW)
def do_attest(signature_id: int) -> ResponseReturnValue:
    """Confirm by the organiser's word."""

    def act(reason: str, moment: datetime) -> bool:
        return reviewing.attest(
            site(),
            signature_id,
            organiser_id=organiser().id,
            reason=reason,
            actor=actor(),
            now=moment,
        )

    return _do("attest", signature_id, act)


@blueprint.get("/signature/<int:signature_id>/withdraw")
@allowed(Right.REVIEW)
def withdraw(signature_id: int) -> ResponseReturnValue:
    """Say what withdrawing does, and ask once more."""
    return _page("withdraw", signature_id, ReasonForm())


@blueprint.post("/signature/<int:signature_id>/withdraw")
@allowed(Right.REVIEW)
def do_withdraw(signature_id: int) -> ResponseReturnValue:
    """Withdraw for the person who asked."""

    def act(reason: str, moment: datetime) -> bool:
        return reviewing.withdraw(site(), signature_id, reason=reason, actor=actor(), now=moment)

    return _do("withdraw", signature_id, act)


@blueprint.get("/signature/<int:signature_id>/erase")
@allowed(Right.REVIEW)
def erase(signature_id: int) -> ResponseReturnValue:
    """Say what erasing does, and ask once more."""
    return _page("erase", signature_id, EraseForm())


@blueprint.post("/signature/<int:signature_id>/erase")
@allowed(Right.REVIEW)
def do_erase(signature_id: int) -> ResponseReturnValue:
    """Withdraw, and wipe the person."""

    form = EraseForm(request.form)

    def act(ground: str, moment: datetime) -> bool:
        return reviewing.erase(site(), signature_id, ground=ground, actor=actor(), now=moment)

    return _decide("erase", signature_id, form, form.ground, act)


def _page(what: str, signature_id: int, form: ConsoleForm) -> str:
    dossier = signatures_shown.dossier(site(), signature_id)
    return render_template(
        f"organiser/confirmations/{what}.html",
        found=titled(dossier.petition.id),
        dossier=dossier,
        signature=dossier.line.signature,
        form=form,
        problems=form.problems(),
        words=words,
    )


def _do(what: str, signature_id: int, act: Callable[[str, datetime], bool]) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    return _decide(what, signature_id, form, form.reason, act)


def _decide(
    what: str,
    signature_id: int,
    form: ConsoleForm,
    why: Field,
    act: Callable[[str, datetime], bool],
) -> ResponseReturnValue:
    if not form.validate():
        return _page(what, signature_id, form), 422
    begin_write()
    try:
        changed = act(why.data or "", now())
    except Refused as refused:
        db.session.rollback()
        if refused.field:
            form.add_error(refused.field, words.REFUSALS[refused.reason])
            return _page(what, signature_id, form), 422
        flash(str(words.REFUSALS[refused.reason]), "warning")
    else:
        db.session.commit()
        flash(str(_DONE[what] if changed else _NOTHING), "done" if changed else "info")
    return redirect(url_for("confirmations.signature", signature_id=signature_id), 303)
