"""Hiding a case at once, and showing it again: each asks for a reason on a page of its own."""

from collections.abc import Callable

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from petitions.clock import now
from petitions.documents.picture_sizes import forget
from petitions.domain.case_finding import case_of
from petitions.domain.case_hiding import hide, reason_hidden, show_again
from petitions.domain.case_pictures import picture_rows
from petitions.domain.rights import Right
from petitions.models import Case
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.cases.saving import Trouble, blueprint, problems_of, save, saved
from petitions.web.organiser.forms import ConsoleForm, tidied


class ReasonForm(ConsoleForm):
    """Why it is done."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(_l("Write the reason.")), Length(max=4000)],
        filters=[tidied],
    )


@blueprint.get("/<int:case_id>/hide")
@allowed(Right.PUBLISH)
def ask_to_hide(case_id: int) -> ResponseReturnValue:
    """Ask for the reason before a case is hidden."""
    return _page(case_id, "hide.html", ReasonForm())


@blueprint.post("/<int:case_id>/hide")
@allowed(Right.PUBLISH)
def hide_now(case_id: int) -> ResponseReturnValue:
    """Hide a case."""
    words = gettext("The case is hidden. All its public pages answer “gone” from now on.")
    answer = _done(case_id, "hide.html", hide, words)
    folder = current_app.extensions["petitions"].pictures
    forget(folder, [picture.id for picture in picture_rows(case_id)])
    return answer


@blueprint.get("/<int:case_id>/show-again")
@allowed(Right.PUBLISH)
def ask_to_show(case_id: int) -> ResponseReturnValue:
    """Ask for the reason before a hidden case is shown again."""
    return _page(case_id, "show_again.html", ReasonForm())


@blueprint.post("/<int:case_id>/show-again")
@allowed(Right.PUBLISH)
def show_now(case_id: int) -> ResponseReturnValue:
    """Show a hidden case again."""
    words = gettext("The case is shown again, as it was before.")
    return _done(case_id, "show_again.html", show_again, words)


def hidden_reason(case: Case) -> str:
    """Return why a case is hidden, to whoever may know; empty for others, and where it is not."""
    if case.hidden_at is None or not (may(Right.PUBLISH) or may(Right.READ_AUDIT)):
        return ""
    return reason_hidden(case, current_app.extensions["petitions"].keyring)


def _done(
    case_id: int, template: str, do: Callable[..., object], words: str
) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    keyring = current_app.extensions["petitions"].keyring
    trouble: Trouble | None = Trouble(422)
    if form.validate():
        reason = form.reason.data or ""
        trouble = save(form, case_id, lambda: do(case_id, reason, actor(), now(), keyring))
    if trouble is not None:
        return _page(case_id, template, form, trouble)
    return saved(words, url_for("cases.show", case_id=case_id))


def _page(
    case_id: int, template: str, form: ReasonForm, trouble: Trouble | None = None
) -> ResponseReturnValue:
    case = case_of(case_id)
    page = render_template(
        f"organiser/cases/{template}",
        case=case,
        hidden_reason=hidden_reason(case),
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
    )
    return page, trouble.status if trouble else 200
