"""Where a person is believed to be held, in other languages: a text that translators write."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import FormField

from petitions.clock import now
from petitions.domain.case_finding import case_of
from petitions.domain.case_people import known_of, person_of, shown_held, translate_held
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.cases.people import (
    MOST_SPELLINGS,
    HeldForm,
    offer_languages,
    places_in,
)
from petitions.web.organiser.cases.rows import Rows
from petitions.web.organiser.cases.saving import Trouble, blueprint, problems_of, save, saved
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm


class HeldInForm(ConsoleForm):
    """The same place in each language of the case but its own."""

    held_in = Rows(FormField(HeldForm), most=MOST_SPELLINGS)


@blueprint.get("/<int:case_id>/people/<int:person_id>/held")
@allowed(Right.WRITE_TEXTS)
def held(case_id: int, person_id: int) -> ResponseReturnValue:
    """Show the place beside the language that it was written in."""
    person = person_of(case_id, person_id)
    known = known_of(person)
    rows = [{"language": tag, "text": text} for tag, text in known.held_in]
    form = HeldInForm(held_in=rows, seen=fingerprint(shown_held(person)))
    return _page(case_id, person_id, restored(form))


@blueprint.post("/<int:case_id>/people/<int:person_id>/held")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_held(case_id: int, person_id: int) -> ResponseReturnValue:
    """Save the place in other languages."""
    form = HeldInForm(request.form)
    trouble = Trouble(422) if not form.validate() else None
    trouble = trouble or save(
        form,
        case_id,
        lambda: translate_held(
            case_id,
            person_id,
            places_in(form.held_in),
            seen=form.seen.data or "",
            rights=[right for right in Right if may(right)],
            actor=actor(),
            now=now(),
        ),
    )
    if trouble is not None:
        return _page(case_id, person_id, form, trouble)
    return saved(gettext("Saved."), url_for("cases.show", case_id=case_id, _anchor="people"))


def _page(
    case_id: int, person_id: int, form: HeldInForm, trouble: Trouble | None = None
) -> ResponseReturnValue:
    case, person = case_of(case_id), person_of(case_id, person_id)
    offer_languages(form.held_in, case)
    page = render_template(
        "organiser/cases/held.html",
        case=case,
        person=person,
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        waits_for_an_editor=case.published_at is not None and not may(Right.EDIT),
    )
    return page, trouble.status if trouble else 200
