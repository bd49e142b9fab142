"""How long names are kept: saying that all is handed over, putting off, taking back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, TextAreaField
from wtforms.validators import Length, Optional

from petitions.clock import now
from petitions.domain import names_terms
from petitions.domain.petitions import petition_for_writing
from petitions.domain.presenting.petition_titles import TitledPetition, titled_petitions
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import Petition
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.page_frame import day as day_in_words
from petitions.web.page_frame import last_day

blueprint = Blueprint("retention", __name__, url_prefix="/organiser/retention")
_REFUSALS: dict[str, Any] = {
    "not over": _l("It may still be signed. Close the petition first."),
    "build under way": _l("Bundles of it are being built. Wait until they are done."),
    "destroyed": _l("The names of this petition are destroyed already. Nothing brings them back."),
    "no term": _l("Nobody has said that all is handed over: its names have no term yet."),
    "day needed": _l("Choose a day."),
    "not later": _l("Names are kept until then anyway. Choose a later day."),
    "too far": _l("At most a year from today. You can put it off again then."),
    "reason needed": _l("Write a reason. It is kept sealed, beside what you did."),
}


class PutOffForm(ConsoleForm):
    """Until when names are kept, and why."""

    until = DateField(_l("Keep the names until"), [Optional()])
    reason = TextAreaField(
        _l("Reason"),
        [Length(max=2000, message=_l("This is too long. Please shorten it."))],
        filters=[tidied],
    )


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """Show of each petition that is over how long its names are kept."""
    titles = {one.petition.id: one for one in titled_petitions(wishes())}
    rows = [(titles[one.petition_id], one) for one in names_terms.standings(_site().terms)]
    return render_template("organiser/retention/index.html", rows=rows, terms=_site().terms)


@blueprint.get("/<int:petition_id>/all-handed-over")
@allowed(Right.DELIVER)
def all_handed_over(petition_id: int) -> ResponseReturnValue:
    """Say what follows, and ask once more."""
    return _page("all_handed_over", petition_id)


@blueprint.post("/<int:petition_id>/all-handed-over")
@allowed(Right.DELIVER)
def say_all_handed_over(petition_id: int) -> ResponseReturnValue:
    """Let the term of the names begin, and offer to take that back."""

    def act(petition: Petition) -> None:
        names_terms.say_all_delivered(
            petition, organiser_id=organiser().id, actor=actor(), now=now()
        )
        day = names_terms.standing_of(petition, _site().terms).due_at
        assert day is not None  # noqa: S101  # nosec B101  # it was said just now
        text = gettext(
            "Noted. The names of this petition are destroyed on %(day)s.", day=day_in_words(day)
        )
        url = url_for("retention.take_back", petition_id=petition.id)
        flash({"text": text, "url": url, "hidden": {}}, "undo")  # type: ignore[arg-type]  # the frame takes a mapping

    return _do(petition_id, act)


@blueprint.post("/<int:petition_id>/take-back")
@allowed(Right.DELIVER)
def take_back(petition_id: int) -> ResponseReturnValue:
    """End the term: names are kept until somebody says again that all is handed over."""

    def act(petition: Petition) -> None:
        names_terms.take_back(petition, actor=actor(), now=now())
        flash(gettext("Taken back. The names of this petition have no term now."), "done")

    return _do(petition_id, act)


@blueprint.get("/<int:petition_id>/put-off")
@allowed(Right.DELIVER)
def put_off(petition_id: int) -> ResponseReturnValue:
    """Ask until when, and why."""
    return _page("put_off", petition_id, PutOffForm())


@blueprint.post("/<int:petition_id>/put-off")
@allowed(Right.DELIVER)
def do_put_off(petition_id: int) -> ResponseReturnValue:
    """Keep names longer."""
    form = PutOffForm(request.form)
    if not form.validate():
        return _page("put_off", petition_id, form), 422

    def act(petition: Petition) -> None:
        names_terms.put_off(
            _site(),
            petition,
            form.until.data,
            reason=form.reason.data or "",
            actor=actor(),
            now=now(),
        )
        assert form.until.data is not None  # noqa: S101  # nosec B101  # it was put off until then
        until = last_day(form.until.data, petition.time_zone)
        flash(gettext("The names are kept until the end of %(day)s.", day=until), "done")

    return _do(petition_id, act, form)


def _do(
    petition_id: int, act: Callable[[Petition], None], form: ConsoleForm | None = None
) -> ResponseReturnValue:
    begin_write()
    try:
        act(petition_for_writing(petition_id))
    except Refused as refused:
        db.session.rollback()
        words = _REFUSALS[refused.reason]
        if form is not None and refused.field:
            form.add_error(refused.field, words)
            return _page("put_off", petition_id, form), 422
        flash(str(words), "warning")
    else:
        db.session.commit()
    return redirect(url_for("retention.index"), 303)


def _page(what: str, petition_id: int, form: ConsoleForm | None = None) -> str:
    found = _titled(petition_id)
    return render_template(
        f"organiser/retention/{what}.html",
        found=found,
        standing=names_terms.standing_of(found.petition, _site().terms),
        is_over=found.petition.state in names_terms.OVER,
        handed_over=names_terms.last_handed_over(petition_id),
        terms=_site().terms,
        form=form,
        problems=form.problems() if form else [],
    )


def _titled(petition_id: int) -> TitledPetition:
    found = titled_petitions(wishes(), petition_id)
    if not found:
        raise NotFound("no such petition")
    return found[0]


def _site() -> Site:
    site: Site = current_app.extensions["petitions"]
    return site
