"""The people of a case: one page each, and their order."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField, HiddenField, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from petitions.clock import now
from petitions.domain.case_finding import case_of
from petitions.domain.case_people import (
    Known,
    add_person,
    change_person,
    known_of,
    move_person,
    person_of,
    remove_person,
)
from petitions.domain.case_texts import languages_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.i18n import language_name
from petitions.models import Case, PersonStatus
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.fields import DayField, NumberField
from petitions.web.organiser.cases.rows import Rows, add_rows, too_many
from petitions.web.organiser.cases.saving import (
    Trouble,
    asks_for_rows,
    blueprint,
    press,
    problems_of,
    save,
    saved,
)
from petitions.web.organiser.cases.words import STATUSES
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped

MOST_SPELLINGS = 40


class SpellingForm(Form):
    """Another spelling of a name."""

    name = StringField(_l("Spelling"), [Length(max=300)], filters=[stripped])
    language = StringField(_l("Language"))


class HeldForm(Form):
    """Where a person is believed to be held, in one language more."""

    language = HiddenField()
    text = StringField(_l("Believed to be held"), [Length(max=300)], filters=[stripped])


class PersonForm(ConsoleForm):
    """What is known of a person."""

    name = StringField(
        _l("Name as known"),
        [InputRequired(_l("Write the name as it is known.")), Length(max=300)],
        filters=[stripped],
    )
    other_names = Rows(FormField(SpellingForm), min_entries=2, most=MOST_SPELLINGS)
    gender = StringField(_l("Gender"), [Length(max=20)], filters=[stripped])
    age = NumberField(_l("Age"))
    status = StringField(_l("Status"), [AnyOf(list(PersonStatus))], default="unknown")
    status_as_of = DayField(_l("As of"))
    status_since = StringField(_l("Since when"), [Length(max=10)], filters=[stripped])
    believed_held = StringField(_l("Believed to be held"), [Length(max=300)], filters=[stripped])
    held_in = Rows(FormField(HeldForm), most=MOST_SPELLINGS)

    def known(self) -> Known:
        """Return what was typed."""
        spellings = (
            (row["name"], row["language"] if choices.is_language(row["language"]) else "")
            for row in self.other_names.data
        )
        return Known(
            name=self.name.data or "",
            other_names=tuple(pair for pair in spellings if pair[0]),
            gender=self.gender.data or "",
            age=self.age.data,
            status=PersonStatus(self.status.data or ""),
            status_as_of=self.status_as_of.data,
            status_since=self.status_since.data or "",
            believed_held=self.believed_held.data or "",
            held_in=places_in(self.held_in),
        )


def places_in(rows: Any) -> tuple[tuple[str, str], ...]:
    """Return what was typed of where a person is believed to be held, by language."""
    places = {
        row["language"]: row["text"]
        for row in rows.data
        if row["text"] and choices.is_language(row["language"])
    }
    return tuple(sorted(places.items()))


def offer_languages(rows: Any, case: Case) -> None:
    """Add an empty field for each language of the case that has none yet, and name them all."""
    there = {row["language"] for row in rows.data} | {case.source_language}
    for line in languages_of(case):
        if line.language not in there:
            rows.append_entry({"language": line.language, "text": ""})
    for entry in rows:
        language = language_name(entry.form.language.data, shown_in=interface_language())
        entry.form.text.label.text = gettext(
            "Believed to be held, in %(language)s", language=language
        )


@blueprint.get("/<int:case_id>/people/new")
@allowed(Right.EDIT)
def new_person(case_id: int) -> ResponseReturnValue:
    """Ask for another person."""
    return _page(case_id, None, restored(PersonForm(status="unknown")))


@blueprint.post("/<int:case_id>/people/new")
@allowed(Right.EDIT, edits=True)
def save_new_person(case_id: int) -> ResponseReturnValue:
    """Add a person."""
    form = PersonForm(request.form)
    return _saved(case_id, None, form, lambda: add_person(case_id, form.known(), actor(), now()))


@blueprint.get("/<int:case_id>/people/<int:person_id>")
@allowed(Right.EDIT)
def person(case_id: int, person_id: int) -> ResponseReturnValue:
    """Show what is known of a person as a form."""
    known = known_of(person_of(case_id, person_id))
    form = PersonForm(
        name=known.name,
        other_names=[{"name": name, "language": tag} for name, tag in known.other_names],
        gender=known.gender,
        age=known.age,
        status=known.status.value,
        status_as_of=known.status_as_of,
        status_since=known.status_since,
        believed_held=known.believed_held,
        held_in=[{"language": tag, "text": text} for tag, text in known.held_in],
        seen=fingerprint(known.values()),
    )
    add_rows(form.other_names, 1)
    return _page(case_id, person_id, restored(form))


@blueprint.post("/<int:case_id>/people/<int:person_id>")
@allowed(Right.EDIT, edits=True)
def save_person(case_id: int, person_id: int) -> ResponseReturnValue:
    """Change what is known of a person."""
    form = PersonForm(request.form)
    return _saved(
        case_id,
        person_id,
        form,
        lambda: change_person(
            case_id,
            person_id,
            form.known(),
            seen=form.seen.data or "",
            actor=actor(),
            now=now(),
        ),
    )


@blueprint.post("/<int:case_id>/people/<int:person_id>/move")
@allowed(Right.EDIT)
def reorder_person(case_id: int, person_id: int) -> ResponseReturnValue:
    """Let a person change places with a neighbour."""
    up = request.form.get("way") == "up"
    where = url_for("cases.show", case_id=case_id, _anchor="people")
    return press(
        case_id,
        lambda: move_person(case_id, person_id, up, actor(), now()),
        gettext("The order was changed."),
        where,
    )


@blueprint.get("/<int:case_id>/people/<int:person_id>/remove")
@allowed(Right.EDIT)
def ask_to_remove_person(case_id: int, person_id: int) -> ResponseReturnValue:
    """Ask once more before a person is removed."""
    found = person_of(case_id, person_id)
    return render_template(
        "organiser/cases/remove_person.html", case=case_of(case_id), person=found
    )


@blueprint.post("/<int:case_id>/people/<int:person_id>/remove")
@allowed(Right.EDIT)
def drop_person(case_id: int, person_id: int) -> ResponseReturnValue:
    """Remove a person."""
    return press(
        case_id,
        lambda: remove_person(case_id, person_id, actor(), now()),
        gettext("The person was removed."),
    )


def _saved(
    case_id: int, person_id: int | None, form: PersonForm, change: Callable[[], object]
) -> ResponseReturnValue:
    too_long = too_many(form)
    if too_long is not None:
        return _page(case_id, person_id, form, too_long)
    if asks_for_rows(request.form):
        return _page(case_id, person_id, form, add_rows(form.other_names))
    trouble = save(form, case_id, change) if form.validate() else Trouble(422)
    if trouble is not None:
        return _page(case_id, person_id, form, trouble)
    return saved(gettext("Saved."), url_for("cases.show", case_id=case_id, _anchor="people"))


def _page(
    case_id: int, person_id: int | None, form: PersonForm, trouble: Trouble | None = None
) -> ResponseReturnValue:
    case = case_of(case_id)
    offer_languages(form.held_in, case)
    page = render_template(
        "organiser/cases/person.html",
        case=case,
        person=person_of(case_id, person_id) if person_id else None,
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        language_choices=choices.languages(),
        statuses=[(status.value, words) for status, words in STATUSES.items()],
    )
    return page, trouble.status if trouble else 200
