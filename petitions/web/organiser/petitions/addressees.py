"""The addressees: who gets the petition, to whom names go, and the rule for embassies."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, FormField, StringField
from wtforms.validators import AnyOf, Length

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_addressees import (
    MOST_ADDRESSEES,
    Place,
    add_embassies,
    add_official,
    change_addressees,
    places_of,
    shown_addressees,
)
from petitions.domain.petition_versions import addressees_of as rows_of
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.presenting.versions import addressees_of
from petitions.domain.rights import Right
from petitions.models import Part, PetitionState
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.organiser.petitions.adding import (
    is_greeted,
    officials_to_add,
    states_to_add,
    way_back,
)
from petitions.web.organiser.petitions.overview import heading
from petitions.web.organiser.petitions.rows import Rows, too_many_rows
from petitions.web.organiser.petitions.saving import (
    Trouble,
    blueprint,
    number_of,
    save,
    saved,
)
from petitions.web.organiser.petitions.words import addressee_words


class PlaceForm(Form):
    """One addressee: its part, whether names go there, and where it stands."""

    addressee = StringField()
    position = StringField(_l("Order"))
    part = StringField(_l("Part"), [AnyOf([*Part])])
    names_go = BooleanField(_l("Names go there"))
    names_reason = StringField(
        _l("Reason, if names go to a copy"), [Length(max=2000)], filters=[stripped]
    )
    remove = BooleanField(_l("Take off"))

    def sorted_by(self) -> float:
        """Return the place in the order that was typed; what cannot be read stays at the end."""
        typed = number_of(self.position.data)
        return float("inf") if typed is None else typed

    def place(self) -> Place:
        """Return what was typed."""
        return Place(
            number_of(self.addressee.data) or 0,
            Part(self.part.data or ""),
            bool(self.names_go.data),
            self.names_reason.data or "",
        )


class AddresseesForm(ConsoleForm):
    """All addressees of a petition."""

    addressees = Rows(FormField(PlaceForm), most=MOST_ADDRESSEES)
    official_id = StringField(_l("Official"))
    new_part = StringField(_l("Part"))
    embassies_of = StringField(_l("The embassies of"))

    def is_addition_complete(self, action: str) -> bool:
        """Whether it is said whom to add; what is not gets a message beside its field."""
        if action == "add":
            if number_of(self.official_id.data) is None:
                self.add_error("official_id", gettext("Choose an official."))
            if self.new_part.data not in set(Part):
                if not is_greeted(number_of(self.official_id.data)):
                    self.new_part.data = Part.COPY.value
                self.add_error("new_part", gettext("Choose “to” or “copy”."))
        elif action == "embassies" and not self.embassies_of.data:
            self.add_error("embassies_of", gettext("Choose a state."))
        return not (self.official_id.errors or self.new_part.errors or self.embassies_of.errors)

    def places(self) -> list[Place]:
        """Return the addressees that stay, in the order that was typed."""
        kept = [one.form for one in self.addressees if not one.remove.data]
        return [one.place() for one in sorted(kept, key=PlaceForm.sorted_by)]


@blueprint.get("/<int:petition_id>/addressees")
@allowed(Right.EDIT)
def addressees(petition_id: int) -> ResponseReturnValue:
    """Show the addressees as a form, and the officials that can be added."""
    form, entered = _filled(petition_id), number_of(request.args.get("added"))
    if entered is not None:  # whoever entered an official comes back to add it
        form.official_id.data = str(entered)
        form.new_part.data = "" if is_greeted(entered) else Part.COPY.value
    return _page(petition_id, restored(form))


@blueprint.post("/<int:petition_id>/addressees")
@allowed(Right.EDIT, edits=True)
def save_addressees(petition_id: int) -> ResponseReturnValue:
    """Change parts, order and names, take addressees off, and add one where that is asked for."""
    form, action = AddresseesForm(request.form), request.form.get("action", "save")
    gone = _taken_off(petition_id, form)
    trouble: Trouble | None = Trouble(message=too_many_rows(form))
    if form.validate() and form.is_addition_complete(action):
        trouble = save(form, petition_id, lambda: _change(petition_id, form, action))
    if trouble is not None:
        return _page(petition_id, form, trouble), trouble.status
    here = url_for("petitions.addressees", petition_id=petition_id)
    if len(gone) != 1:
        return saved(_DONE.get(action, _DONE["save"]), here)
    words = gettext("Saved. One addressee was taken off.")
    flash({"text": words, **gone[0]}, "undo")  # type: ignore[arg-type]  # as the frame documents it
    return redirect(here, 303)


_DONE: dict[str, Any] = {
    "save": _l("Saved."),
    "add": _l("Saved and added. Now aim an ask at this addressee."),
    "embassies": _l(
        "Saved and added. Each signer’s embassy gets a copy of the letter, where there is one."
    ),
}


def _change(petition_id: int, form: AddresseesForm, action: str) -> None:
    petition, author, moment = petition_to_change(petition_id), organiser().id, now()
    change_addressees(petition, form.places(), seen=form.seen.data or "", author=author, now=moment)
    if action == "add":
        chosen, part = number_of(form.official_id.data) or 0, Part(form.new_part.data or "")
        add_official(petition, chosen, part, author=author, now=moment)
    elif action == "embassies":
        add_embassies(petition, form.embassies_of.data or "", author=author, now=moment)


def _taken_off(petition_id: int, form: AddresseesForm) -> list[dict[str, Any]]:
    """Return the way back for each addressee that is ticked to be taken off."""
    ticked = {one.addressee.data for one in form.addressees if one.remove.data}
    return [way_back(petition_id, one) for one in rows_of(petition_id) if str(one.id) in ticked]


def _filled(petition_id: int) -> AddresseesForm:
    rows = [_row(one, number) for number, one in enumerate(places_of(petition_id), start=1)]
    return AddresseesForm(addressees=rows, seen=fingerprint(shown_addressees(petition_id)))


def _row(one: Place, number: int) -> dict[str, Any]:
    return {
        "addressee": str(one.id),
        "position": str(number),
        "part": one.part.value,
        "names_go": one.names_go,
        "names_reason": one.names_reason,
    }


def _fit(form: AddresseesForm, petition_id: int) -> None:
    """Give a form that was refused a row for each addressee that there is now, and for no other.

    Whoever has no row would be taken off by saving again.
    """
    there = {str(one.id): one for one in places_of(petition_id)}
    typed = [dict(one.data) for one in form.addressees if one.addressee.data in there]
    known = {row["addressee"] for row in typed}
    errors = {one.addressee.data: one.form.errors for one in form.addressees}
    typed += [
        _row(one, number)
        for number, (key, one) in enumerate(there.items(), start=1)
        if key not in known
    ]
    while form.addressees.entries:
        form.addressees.pop_entry()
    for row in typed:
        entry = form.addressees.append_entry(row)
        for name, messages in errors.get(row["addressee"], {}).items():
            entry.form[name].errors = list(messages)


def _page(petition_id: int, form: AddresseesForm, trouble: Trouble | None = None) -> str:
    petition, case = petition_numbered(petition_id)
    lines = {str(line.id): line for line in addressees_of(petition.id, wishes())}
    words = {key: addressee_words(line) for key, line in lines.items()}
    _fit(form, petition_id)  # what was refused, or typed long ago, may tell of one taken off since
    if trouble is not None:
        _put_beside(form, trouble)
    problems = form.problems()
    if trouble and trouble.message and not problems:
        problems.append(("addressees-0-position", trouble.message))
    return render_template(
        "organiser/petitions/addressees.html",
        **heading(petition, case),
        form=form,
        lines=lines,
        words=words,
        published=petition.state is not PetitionState.DRAFT,
        offices={str(one.id): one.official_id for one in rows_of(petition_id)},
        officials=officials_to_add(petition),
        embassies=[group for group in states_to_add(petition) if group[1]],
        trouble=trouble,
        theirs=_theirs(trouble, words),
        problems=problems,
    )


def _put_beside(form: AddresseesForm, trouble: Trouble) -> None:
    for one in form.addressees:
        if trouble.field and one.addressee.data == trouble.field:
            one.names_reason.errors = [trouble.message]


def _theirs(trouble: Trouble | None, words: dict[str, str]) -> list[tuple[str, str]]:
    if trouble is None or not trouble.theirs:
        return []
    told = []
    for addressee_id, part, names_go, reason in trouble.theirs["addressees"]:
        names = gettext("names go there") if names_go else gettext("without names")
        values = " · ".join(filter(None, [part_words(part), names, reason]))
        told.append((words.get(str(addressee_id), ""), values))
    return told


def part_words(part: str) -> str:
    """Return an addressee's part."""
    return str(gettext("to") if part == Part.TO else gettext("copy"))
