"""Officials that may be one: pairs, side by side, told apart or made one."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from petitions.clock import now
from petitions.domain import official_merging
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.official_duplicates import Likeness, likely_duplicates, tell_apart
from petitions.domain.official_facts import facts_of
from petitions.domain.official_lists import texts_of
from petitions.domain.officials import get_official
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.forms import NewOfficialForm, labels_of, told_of
from petitions.web.organiser.officials.messages import MERGE_REFUSALS

LIKENESS: dict[Likeness, Any] = {
    Likeness.EMAIL: _l("the same e-mail address"),
    Likeness.OFFICE: _l("the same office in the same country"),
    Likeness.NAME: _l("the same name"),
    Likeness.ADDRESS: _l("the same postal address"),
}
_WORDS = ("office", "name", "organisation", "salutation", "form_of_address")


class MergeForm(ConsoleForm):
    """What becomes of what only the one that goes has; and that both are one office."""

    take_over = BooleanField(_l("Take over what the one that stays does not have"))
    same_office = BooleanField(_l("Both are the same office; only its wording differs"))


@blueprint.get("/duplicates")
@allowed(Right.EDIT)
def duplicates() -> ResponseReturnValue:
    """List pairs of officials that may be one."""
    pairs = likely_duplicates()
    ids = {one for pair in pairs for one in (pair.first_id, pair.second_id)}
    return render_template(
        "organiser/officials/duplicates.html",
        pairs=pairs,
        names=office_names(ids, wishes()),
        likeness=LIKENESS,
    )


@blueprint.post("/<int:official_id>/apart/<int:other_id>")
@allowed(Right.EDIT)
def apart(official_id: int, other_id: int) -> ResponseReturnValue:
    """Note that two officials are two. Raises NotFound."""
    begin_write()
    tell_apart(official_id, other_id, actor=actor(), now=now())
    db.session.commit()
    flash(gettext("Noted: they are two. They are not offered again."), "done")
    return redirect(url_for("officials.duplicates"), 303)


@blueprint.get("/<int:official_id>/merge/<int:other_id>")
@allowed(Right.EDIT)
def ask_merge(official_id: int, other_id: int) -> ResponseReturnValue:
    """Show both side by side, and what merging would do. Raises NotFound."""
    return _page(official_id, other_id, MergeForm(data={"take_over": True}))


@blueprint.post("/<int:official_id>/merge/<int:other_id>")
@allowed(Right.EDIT)
def merge(official_id: int, other_id: int) -> ResponseReturnValue:
    """Make two one: the second goes. Raises NotFound."""
    form = MergeForm(request.form)
    begin_write()
    try:
        official_merging.merge(
            official_id,
            other_id,
            take_over=bool(form.take_over.data),
            same_office=bool(form.same_office.data),
            seen=form.seen.data or "",
            rights=[right for right in Right if may(right)],
            actor=actor(),
            now=now(),
        )
    except Refused as refused:
        db.session.rollback()
        name = "same_office" if refused.field == "same_office" else "take_over"
        form.add_error(name, MERGE_REFUSALS.get(refused.reason, refused.reason))
        return _page(official_id, other_id, form, 422)
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(official_id, other_id, form, 409)
    db.session.commit()
    flash(gettext("They are one now. All that referred to the other refers to this one."), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


def _page(
    official_id: int, other_id: int, form: MergeForm, status: int = 200
) -> ResponseReturnValue:
    if official_id == other_id:
        abort(404)
    looked = official_merging.look_at(official_id, other_id)
    form.seen.data = looked.seen
    names = office_names([official_id, other_id], wishes())
    page = render_template(
        "organiser/officials/merge.html",
        form=form,
        stays=(official_id, names[official_id]),
        goes=(other_id, names[other_id]),
        rows=_rows(official_id, other_id),
        looked=looked,
        titles=titles_of(list(looked.name_both), wishes()),
        changed=status == 409,
        problems=form.problems(),
    )
    return page, status


def _rows(stays_id: int, goes_id: int) -> list[tuple[Any, str, str, str]]:
    """Return label, language and both values of each field in which one of them says something."""
    labels = labels_of(NewOfficialForm())
    ours, theirs = (told_of(facts_of(get_official(one))) for one in (stays_id, goes_id))
    hidden = {"accredited_here", "slug"}
    facts = [
        (labels[name], "", str(value or ""), str(theirs[name] or ""))
        for name, value in ours.items()
        if name not in hidden
    ]
    own, other = texts_of(stays_id), texts_of(goes_id)
    words = [
        (labels[name], tag, getattr(own.get(tag), name, ""), getattr(other.get(tag), name, ""))
        for tag in sorted({*own, *other})
        for name in _WORDS
    ]
    return [row for row in (*words, *facts) if row[2] or row[3]]
