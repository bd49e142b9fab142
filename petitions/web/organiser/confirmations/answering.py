"""Telling a signer of a sealed case what is held: unlocked for that answer, seen or downloaded."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import held_questions, privacy, signatures_shown
from petitions.domain.case_keys import is_sealed
from petitions.domain.presenting import everything_held
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.domain.unlocking import note_unlocking, unlocked_site
from petitions.errors import NotFound
from petitions.extensions import begin_write, db
from petitions.web.held_file import held_file
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, site, titled
from petitions.web.organiser.sealing_forms import UnlockingForm
from petitions.web.organiser.unlocking import unlocked_by


@blueprint.get("/signature/<int:signature_id>/answer")
@allowed(Right.REVIEW)
def answer(signature_id: int) -> ResponseReturnValue:
    """Ask for the passphrase of a custodian, for this one answer."""
    case_id = signatures_shown.dossier(site(), signature_id).petition.case_id
    if is_sealed(case_id):
        return _page(signature_id, UnlockingForm())
    held, reach = _opened(site(), case_id, signature_id)  # it was unsealed meanwhile
    return _page(signature_id, UnlockingForm(), held=held, reach=reach)


@blueprint.post("/signature/<int:signature_id>/answer")
@allowed(Right.REVIEW, fresh=True)
def unlock_answer(signature_id: int) -> ResponseReturnValue:
    """Unlock the case for this answer, and show it or give it out as a file."""
    form = UnlockingForm(request.form)
    case_id = signatures_shown.dossier(site(), signature_id).petition.case_id
    unlocked = unlocked_by(form, case_id)
    if unlocked is None:
        return _page(signature_id, form), 422
    begin_write()
    note_unlocking(unlocked, f"telling what is held about signature {signature_id}", actor(), now())
    held, reach = _opened(unlocked_site(site(), unlocked), case_id, signature_id)
    if held:
        privacy.note_given_out(signature_id, actor(), now())
    db.session.commit()
    if request.form.get("as") in {"text", "json"}:
        return held_file(held, request.form["as"], f"signature-{signature_id}")
    return _page(signature_id, UnlockingForm(), held=held, reach=reach)


@blueprint.post("/signature/<int:signature_id>/answered")
@allowed(Right.REVIEW)
def answered(signature_id: int) -> ResponseReturnValue:
    """Write down that the answer was given: how to reach the person is wiped."""
    begin_write()
    question = held_questions.question_about(signature_id)
    if question is None:
        raise NotFound("nobody asked")
    held_questions.note_answered(question, organiser_id=organiser().id, now=now())
    db.session.commit()
    flash(gettext("Written down. How to reach them is deleted."), "done")
    return redirect(url_for("confirmations.signature", signature_id=signature_id), 303)


def _opened(opened: Site, case_id: int, signature_id: int) -> tuple[list[dict[str, Any]], str]:
    """Return what is held, and how the person wants to be answered."""
    question = held_questions.question_about(signature_id)
    reach = held_questions.reach_of(opened, case_id, question) if question else ""
    return everything_held(opened, [signature_id], ended_too=True), reach


def _page(signature_id: int, form: UnlockingForm, **opened: Any) -> str:
    dossier = signatures_shown.dossier(site(), signature_id)
    return render_template(
        "organiser/confirmations/answer.html",
        found=titled(dossier.petition.id),
        signature=dossier.line.signature,
        question=held_questions.question_about(signature_id),
        form=form,
        problems=form.problems(),
        words=words,
        **opened,
    )
