"""Moving a petition from state to state: each button says what readers and signers will see."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound as NoSuchPage
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from petitions.clock import now
from petitions.domain.petition_lists import deeds_of_petition
from petitions.domain.petitions import (
    MOVES,
    MovedMeanwhile,
    move,
    petition_for_writing,
    petition_numbered,
)
from petitions.domain.rights import Right
from petitions.errors import NamesDestroyed, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import PetitionState
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.organiser.petitions.overview import heading
from petitions.web.organiser.petitions.saving import blueprint
from petitions.web.organiser.petitions.words import (
    MOVED,
    STATES,
    action_words,
    refusal_words,
)
from petitions.web.organiser.petitions.words import (
    MOVES as MOVE_WORDS,
)

_ASKED_AGAIN = frozenset({PetitionState.STOPPED, PetitionState.ARCHIVED})
"""What cannot be undone has a page of its own."""


class StopForm(ConsoleForm):
    """Why no further action is asked for, as readers will see it."""

    reason = TextAreaField(
        _l("Reason, as readers will see it"),
        [
            InputRequired(_l("Write the reason. Readers will see it.")),
            Length(max=4000, message=_l("This is too long. Please shorten it.")),
        ],
        filters=[tidied],
    )


@blueprint.get("/<int:petition_id>/move/<to>")
@allowed(Right.PUBLISH)
def ask_to_move(petition_id: int, to: str) -> ResponseReturnValue:
    """Say what a move means before it is made; for stopping, ask for the reason."""
    return _page(petition_id, _state(to), StopForm())


@blueprint.post("/<int:petition_id>/move/<to>")
@allowed(Right.PUBLISH)
def move_to(petition_id: int, to: str) -> ResponseReturnValue:
    """Move the petition."""
    state, form = _state(to), StopForm(request.form)
    if state is PetitionState.STOPPED and not form.validate():
        return _page(petition_id, state, form, status=422)
    sent = request.form.get("from")
    seen = PetitionState(sent) if sent in set(PetitionState) else None
    begin_write()
    try:
        petition = petition_for_writing(petition_id)
        if petition.state is PetitionState.DRAFT:  # opened by publishing it, and by nothing else
            raise TransitionRefused("a draft is published, not moved")
        if seen is None:
            raise MovedMeanwhile("who did not see a state moves nothing")
        move(
            petition,
            state,
            now(),
            actor=actor(),
            stop_reason=form.reason.data if state is PetitionState.STOPPED else None,
            seen=seen,
        )
    except MovedMeanwhile:
        db.session.rollback()
        return _too_late(petition_id, state, form)
    except TransitionRefused as refused:
        db.session.rollback()
        word = "names destroyed" if isinstance(refused, NamesDestroyed) else "state"
        flash(refusal_words(word), "warning")
        return redirect(url_for("petitions.show", petition_id=petition_id), 303)
    db.session.commit()
    _tell(petition_id, seen, state)
    return redirect(url_for("petitions.show", petition_id=petition_id), 303)


def _tell(petition_id: int, was: PetitionState, state: PetitionState) -> None:
    """Say how the petition stands now, with a way back where there is one."""
    words = str(MOVED[state])
    if was not in MOVES[state] or was not in MOVE_WORDS:
        flash(words, "done")
        return
    back = url_for("petitions.move_to", petition_id=petition_id, to=was)
    flash({"text": words, "url": back, "hidden": {"from": state.value}}, "undo")  # type: ignore[arg-type]  # as the frame documents it


def _too_late(petition_id: int, to: PetitionState, form: StopForm) -> ResponseReturnValue:
    """Tell who was faster. A reason that was typed is kept, where stopping is still possible."""
    petition, _ = petition_numbered(petition_id)
    last = next(iter(deeds_of_petition(petition_id, 1)), None)
    words = gettext(
        "Nothing was changed: the petition is %(state)s now. The last change was “%(action)s”, by"
        " %(who)s.",
        state=STATES[petition.state],
        action=action_words(last.action) if last else "",
        who=last.who if last else "",
    )
    if to in _ASKED_AGAIN and to in MOVES[petition.state]:
        return _page(petition_id, to, form, words, status=409)
    flash(words, "warning")
    return redirect(url_for("petitions.show", petition_id=petition_id), 303)


def _state(to: str) -> PetitionState:
    if to not in {state.value for state in MOVE_WORDS}:
        raise NoSuchPage
    return PetitionState(to)


def _page(
    petition_id: int, to: PetitionState, form: StopForm, warning: str = "", *, status: int = 200
) -> ResponseReturnValue:
    petition, case = petition_numbered(petition_id)
    if petition.state is PetitionState.DRAFT or to not in MOVES[petition.state]:
        flash(refusal_words("state"), "warning")
        return redirect(url_for("petitions.show", petition_id=petition_id), 303)
    label, meaning = MOVE_WORDS[to]
    page = render_template(
        "organiser/petitions/move.html",
        **heading(petition, case),
        to=to,
        label=label,
        meaning=meaning,
        form=form,
        problems=form.problems(),
        warning=warning,
        source_name=language_name(case.source_language, shown_in=interface_language()),
    )
    return page, status
