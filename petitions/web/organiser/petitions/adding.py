"""Adding addressees: an official, or the rule for the embassies of a state."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.official_lists import official_lines, texts_of
from petitions.domain.petition_addressees import (
    add_embassies,
    add_official,
    states_with_embassies,
)
from petitions.domain.petition_asks import states_addressed
from petitions.domain.petition_versions import addressees_of as rows_of
from petitions.domain.petitions import petition_to_change
from petitions.domain.rights import Right
from petitions.i18n import countries_in, country_name
from petitions.models import Addressee, OfficialKind, Part, Petition
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.petitions.saving import blueprint, number_of, press
from petitions.web.page_frame import own_day


@blueprint.post("/<int:petition_id>/addressees/add")
@allowed(Right.EDIT)
def add_addressee(petition_id: int) -> ResponseReturnValue:
    """Add an official."""
    chosen, part = number_of(request.form.get("official_id")), request.form.get("part", "")
    here = url_for("petitions.addressees", petition_id=petition_id)
    if chosen is None or part not in set(Part):
        flash(gettext("Choose an official and its part."), "warning")
        return redirect(here, 303)
    return press(
        petition_id,
        lambda: add_official(
            petition_to_change(petition_id),
            chosen,
            Part(part),
            author=organiser().id,
            now=now(),
        ),
        gettext("Added. Now aim an ask at this addressee."),
        here,
    )


@blueprint.post("/<int:petition_id>/addressees/embassies")
@allowed(Right.EDIT)
def add_embassy_rule(petition_id: int) -> ResponseReturnValue:
    """Add the rule 'the embassies of a state in the signer's country'."""
    here = url_for("petitions.addressees", petition_id=petition_id)
    return press(
        petition_id,
        lambda: add_embassies(
            petition_to_change(petition_id),
            request.form.get("embassies_of", ""),
            author=organiser().id,
            now=now(),
        ),
        gettext("Added. Each signer’s embassy gets a copy of the letter, where there is one."),
        here,
    )


def way_back(petition_id: int, one: Addressee) -> dict[str, Any]:
    """Return what a button sends to add an addressee again that was taken off."""
    if one.embassies_of is not None:
        url = url_for("petitions.add_embassy_rule", petition_id=petition_id)
        return {"url": url, "hidden": {"embassies_of": one.embassies_of}}
    url = url_for("petitions.add_addressee", petition_id=petition_id)
    return {"url": url, "hidden": {"official_id": one.official_id, "part": one.part.value}}


def is_greeted(official_id: int | None) -> bool:
    """Whether an official has a salutation in any language: a letter can go to it."""
    return official_id is None or any(text.salutation for text in texts_of(official_id).values())


def officials_to_add(petition: Petition) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the officials that can be added, by country."""
    shown, groups = interface_language(), dict[str, list[tuple[int, str]]]()
    taken = {one.official_id for one in rows_of(petition.id)}
    for line in official_lines(wishes(), own_day(now())):
        if line.id in taken:
            continue
        country = country_name(line.country, shown) if line.country else gettext("No country")
        name = f"{line.office} ({line.name})" if line.name else line.office
        if line.kind is not OfficialKind.OFFICE and line.represents:
            state = country_name(line.represents, shown)
            name = gettext(
                "%(office)s, of %(state)s in: %(country)s",
                office=name,
                state=state,
                country=country,
            )
        if not line.greets_in:
            name = gettext("%(office)s – no salutation yet", office=name)
        groups.setdefault(country, []).append((line.id, name))
    return list(groups.items())


def states_to_add(petition: Petition) -> list[tuple[str, Any]]:
    """Return the states whose embassies can be added: the likely ones first."""
    shown = interface_language()
    taken = {one.embassies_of for one in rows_of(petition.id)}
    addressed = [code for code in states_addressed(petition.case_id) if code not in taken]
    near = [*addressed, *sorted(states_with_embassies() - taken - set(addressed))]
    rest = [row for row in countries_in(shown) if row[0] not in {*near, *taken}]
    first = [(code, country_name(code, shown)) for code in near]
    likely = gettext("States addressed, or with embassies on file")
    return [(likely, first), (gettext("All other states"), rest)]
