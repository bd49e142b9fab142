"""The asks: adding, removing, ordering them, and whom each is aimed at."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, FormField, SelectMultipleField, StringField

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_asks import (
    MOST_ASKS,
    Aim,
    aimed_elsewhere,
    aims,
    change_asks,
    shown_asks,
    states_addressed,
)
from petitions.domain.petition_versions import current
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.presenting.versions import AddresseeLine, addressees_of
from petitions.domain.rights import Right
from petitions.i18n import country_name
from petitions.models import Case, Petition, TextVersion
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, may, organiser
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.petitions.overview import asks_told, heading
from petitions.web.organiser.petitions.rows import Rows, too_many_rows
from petitions.web.organiser.petitions.saving import (
    Trouble,
    blueprint,
    number_of,
    save,
    saved,
)
from petitions.web.organiser.petitions.words import addressee_words, aimed_elsewhere_words


class AskForm(Form):
    """One ask: where it stands, what it is aimed at, whether it is taken away."""

    place = StringField(default="")
    position = StringField(_l("Order"))
    country = StringField(lazy_pgettext("country", "State"))
    addressees = SelectMultipleField(_l("Aimed at"), coerce=int, validate_choice=False)
    remove = BooleanField(_l("Remove this ask"))

    def sorted_by(self) -> float:
        """Return the place in the order that was typed; what cannot be read stays at the end."""
        typed = number_of(self.position.data)
        return float("inf") if typed is None else typed


class AsksForm(ConsoleForm):
    """All asks of a petition."""

    asks = Rows(FormField(AskForm), most=MOST_ASKS)

    def aims(self) -> list[Aim]:
        """Return the asks that were typed, in the order that was typed."""
        kept = [one.form for one in self.asks if not one.remove.data]
        return [
            Aim(
                number_of(one.place.data),
                one.country.data or "",
                frozenset(one.addressees.data or ()),
            )
            for one in sorted(kept, key=AskForm.sorted_by)
        ]


@blueprint.get("/<int:petition_id>/asks")
@allowed(Right.EDIT)
def asks(petition_id: int) -> ResponseReturnValue:
    """Show the asks as a form, with a row for a new one."""
    petition, case = petition_numbered(petition_id)
    form = AsksForm(**_there(petition, case))
    if not form.asks:
        _append(form, case)
    return _page(petition, case, restored(form))


@blueprint.post("/<int:petition_id>/asks")
@allowed(Right.EDIT, edits=True)
def save_asks(petition_id: int) -> ResponseReturnValue:
    """Change the asks; their words are written next."""
    form = AsksForm(request.form)
    petition, case = petition_numbered(petition_id)
    if request.form.get("more"):
        _append(form, case)
        return _page(petition, case, form)
    trouble: Trouble | None = Trouble(message=too_many_rows(form))
    if form.validate():
        trouble = save(
            form,
            petition_id,
            lambda: change_asks(
                petition_to_change(petition_id),
                form.aims(),
                seen=form.seen.data or "",
                author=organiser().id,
                now=now(),
            ),
        )
    if trouble is not None:
        return _page(*petition_numbered(petition_id), form, trouble), trouble.status
    petition, case = petition_numbered(petition_id)
    if aimed_elsewhere(current(TextVersion, petition.id).id):
        words = gettext("Saved. Look at the warning on this page.")
        return saved(words, url_for("petitions.asks", petition_id=petition_id))
    told = asks_told(current(TextVersion, petition.id), case.source_language)
    if any(not words for _, _, words, _ in told) and may(Right.WRITE_TEXTS):
        where = url_for("petitions.text", petition_id=petition_id, language=case.source_language)
        return saved(gettext("Saved. Now write the asks in both voices."), f"{where}#asks")
    return saved(
        gettext("Saved."), url_for("petitions.show", petition_id=petition_id, _anchor="asks")
    )


def _there(petition: Petition, case: Case) -> dict[str, Any]:
    version = current(TextVersion, petition.id)
    rows = [
        {
            "place": str(one.place),
            "position": str(one.place),
            "country": one.country,
            "addressees": sorted(one.addressees),
        }
        for one in aims(version.id)
    ]
    return {"asks": rows, "seen": fingerprint(shown_asks(version.id, case.source_language))}


def _append(form: AsksForm, case: Case) -> None:
    if len(form.asks) < MOST_ASKS:
        states = states_addressed(case.id)
        number = str(len(form.asks) + 1)
        country = states[0] if len(states) == 1 else ""
        form.asks.append_entry({"position": number, "country": country})


def _fit(form: AsksForm, there: list[dict[str, Any]]) -> None:
    """Give a form that was refused a row for each ask that there is now.

    An ask that has no row would be removed by saving again; one that is gone becomes a new one.
    """
    known = {row["place"] for row in there}
    for one in form.asks:
        if one.place.data not in known:
            one.place.data = ""
    typed = {one.place.data for one in form.asks}
    for row in there:
        if row["place"] not in typed:
            form.asks.append_entry(row)


def _page(petition: Petition, case: Case, form: AsksForm, trouble: Trouble | None = None) -> str:
    version = current(TextVersion, petition.id)
    told = {str(place): words for place, _, words, _ in asks_told(version, case.source_language)}
    lines = addressees_of(petition.id, wishes())
    if trouble is not None:
        _fit(form, _there(petition, case)["asks"])
    problems = form.problems()
    if trouble and trouble.message:
        problems.append(("asks-0-position" if len(form.asks) else "more-asks", trouble.message))
    shown = interface_language()
    used = {one.country for one in aims(version.id)}
    states = sorted({*states_addressed(case.id), *used})
    return render_template(
        "organiser/petitions/asks.html",
        **heading(petition, case),
        form=form,
        told=told,
        lines=lines,
        options=[(line.id, addressee_words(line)) for line in lines],
        states=[(code, country_name(code, shown)) for code in states],
        elsewhere=[aimed_elsewhere_words(*one) for one in aimed_elsewhere(version.id)],
        trouble=trouble,
        theirs=_theirs(trouble, lines),
        problems=problems,
        on_public=version.published_at is not None,
    )


def _theirs(trouble: Trouble | None, lines: tuple[AddresseeLine, ...]) -> list[tuple[str, str]]:
    if trouble is None or not trouble.theirs:
        return []
    names = {line.id: addressee_words(line) for line in lines}
    shown, told = interface_language(), []
    rows = zip(trouble.theirs["asks"], trouble.theirs["words"], strict=True)
    for place, ((country, ids), (readers, letter)) in enumerate(rows, start=1):
        aimed = "; ".join(names.get(one, "") for one in ids)
        words = [readers or letter, country_name(country, shown), aimed]
        told.append((gettext("Ask %(number)s", number=place), " · ".join(filter(None, words))))
    return told
