"""Permission to publish: written down, and agreed to where nobody could be asked."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from petitions.clock import now
from petitions.domain.case_finding import case_of
from petitions.domain.case_permission import (
    Permitted,
    agree,
    covered,
    is_due,
    is_on_record,
    record_permission,
    standing_of,
)
from petitions.domain.rights import Right
from petitions.models import PermissionGiver
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.cases.fields import DayField
from petitions.web.organiser.cases.saving import Trouble, blueprint, press, problems_of, save, saved
from petitions.web.organiser.cases.words import COVERS, GIVERS
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.page_frame import own_day


class PermissionForm(ConsoleForm):
    """Who allowed publication, of what, and until when that is to be asked again."""

    given_by = StringField(
        _l("Who allowed publication?"),
        [InputRequired(_l("Choose who allowed publication.")), AnyOf(list(PermissionGiver))],
    )
    covers = SelectMultipleField(
        _l("What the permission covers"), [Optional()], choices=list(COVERS.items())
    )
    given_on = DayField(_l("Given on"))
    review_on = DayField(_l("Ask again on"))
    reason = TextAreaField(_l("Reason"), [Length(max=4000)], filters=[tidied])

    def permitted(self) -> Permitted:
        """Return what was typed."""
        said = set(self.covers.data or ())
        return Permitted(
            given_by=PermissionGiver(self.given_by.data or ""),
            covers_name="name" in said,
            covers_picture="picture" in said,
            covers_place="place" in said,
            covers_story="story" in said,
            given_on=self.given_on.data or own_day(now()),
            review_on=self.review_on.data,
            reason=self.reason.data or "",
        )


@blueprint.get("/<int:case_id>/permission")
@allowed(Right.LOOK)
def permission(case_id: int) -> ResponseReturnValue:
    """Show the permissions of a case, and ask for a new one."""
    form = PermissionForm(given_on=own_day(now()))
    counts = standing_of(case_id).counts
    if counts is not None:
        form.covers.data = covered(counts)
    return _page(case_id, restored(form))


@blueprint.post("/<int:case_id>/permission")
@allowed(Right.EDIT, edits=True)
def save_permission(case_id: int) -> ResponseReturnValue:
    """Write a permission down."""
    form = PermissionForm(request.form)
    trouble: Trouble | None = Trouble(422)
    if form.validate():
        trouble = save(
            form,
            case_id,
            lambda: record_permission(case_id, form.permitted(), organiser(), now()),
        )
    if trouble is not None:
        return _page(case_id, form, trouble)
    where = url_for("cases.show", case_id=case_id, _anchor="permission")
    if form.given_by.data == PermissionGiver.NOBODY:
        words = gettext("Written down. It counts once a second organiser has agreed.")
        return saved(words, url_for("cases.permission", case_id=case_id))
    return saved(gettext("The permission is on record."), where)


@blueprint.post("/<int:case_id>/permission/<int:permission_id>/agree")
@allowed(Right.PUBLISH)
def agree_to_permission(case_id: int, permission_id: int) -> ResponseReturnValue:
    """Agree as the second organiser."""
    return press(
        case_id,
        lambda: agree(case_id, permission_id, organiser(), now()),
        gettext("You have agreed. The permission is on record."),
        url_for("cases.permission", case_id=case_id),
    )


def _page(
    case_id: int, form: PermissionForm, trouble: Trouble | None = None
) -> ResponseReturnValue:
    standing = standing_of(case_id)
    page = render_template(
        "organiser/cases/permission.html",
        case=case_of(case_id),
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        standing=standing,
        due=standing.counts is not None and is_due(standing.counts, own_day(now())),
        is_on_record=is_on_record,
        covered=covered,
        givers=GIVERS,
        covers=COVERS,
    )
    return page, trouble.status if trouble else 200
