"""The facts of a case that need no language."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain.case_facts import Facts, change_facts, facts_of
from petitions.domain.case_finding import case_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.models import Case
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.rows import Rows, add_rows, too_many
from petitions.web.organiser.cases.saving import (
    Trouble,
    asks_for_rows,
    blueprint,
    problems_of,
    save,
    saved,
)
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped

_MOST_STATES = 60


class FactsForm(ConsoleForm):
    """The facts of a case."""

    slug = StringField(_l("Address"), [Length(max=80)], filters=[stripped])
    number = StringField(_l("Case number"), [Length(max=40)], filters=[stripped])
    country_of_events = StringField(_l("Country of events"))
    time_zone = StringField(_l("Time zone"))
    states = Rows(StringField(lazy_pgettext("country", "State")), min_entries=2, most=_MOST_STATES)

    def facts(self) -> Facts:
        """Return what was typed."""
        codes = choices.country_codes()
        country = self.country_of_events.data or ""
        return Facts(
            slug=self.slug.data or "",
            number=self.number.data or "",
            country_of_events=country if country in codes else "",
            time_zone=self.time_zone.data or "",
            states=tuple(sorted({code for code in self.states.data if code in codes})),
        )


@blueprint.get("/<int:case_id>/facts")
@allowed(Right.EDIT)
def facts(case_id: int) -> ResponseReturnValue:
    """Show the facts as a form."""
    case = case_of(case_id)
    now_there = facts_of(case)
    form = FactsForm(
        slug=now_there.slug,
        number=now_there.number,
        country_of_events=now_there.country_of_events,
        time_zone=now_there.time_zone,
        states=list(now_there.states),
        seen=fingerprint(now_there.values()),
    )
    add_rows(form.states, 1)
    return _page(case, restored(form))


@blueprint.post("/<int:case_id>/facts")
@allowed(Right.EDIT, edits=True)
def save_facts(case_id: int) -> ResponseReturnValue:
    """Change the facts."""
    form = FactsForm(request.form)
    too_long = too_many(form)
    if too_long is not None:
        return _page(case_of(case_id), form, too_long)
    if asks_for_rows(request.form):
        return _page(case_of(case_id), form, add_rows(form.states))
    if not form.slug.data:  # the field is not offered once the case is published
        form.slug.data = case_of(case_id).slug
    trouble = Trouble(422)
    if form.validate():
        found = save(
            form,
            case_id,
            lambda: change_facts(
                case_id, form.facts(), seen=form.seen.data or "", actor=actor(), now=now()
            ),
        )
        if found is None:
            return saved(gettext("Saved."), url_for("cases.show", case_id=case_id))
        trouble = found
    return _page(case_of(case_id), form, trouble)


def _page(case: Case, form: FactsForm, trouble: Trouble | None = None) -> ResponseReturnValue:
    page = render_template(
        "organiser/cases/facts.html",
        case=case,
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
        countries=choices.countries(),
        time_zones=choices.time_zones(),
    )
    return page, trouble.status if trouble else 200
