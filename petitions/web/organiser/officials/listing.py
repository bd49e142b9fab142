"""The list of officials, and one of them: what is known, where it is used."""

from itertools import groupby

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, StringField

from petitions.clock import now
from petitions.domain.bundle_overview import titles_of
from petitions.domain.official_facts import facts_of
from petitions.domain.official_holders import former_holders
from petitions.domain.official_lists import OfficialLine, is_stale, official_lines, texts_of
from petitions.domain.official_uses import is_addressee, is_used, used_by
from petitions.domain.officials import get_official
from petitions.domain.replies import replies_from
from petitions.domain.rights import Right
from petitions.models import OfficialKind
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.messages import KINDS
from petitions.web.organiser.organisation_choices import country_options, language_options
from petitions.web.organiser.organisation_conflicts import who_and_when
from petitions.web.page_frame import name_of_country, own_day


class SearchForm(Form):
    """What is looked for in the list."""

    q = StringField(_l("Search for words"))
    kind = StringField(_l("Kind"))
    country = StringField(_l("Country"))
    stale = BooleanField(_l("Not checked for a year"))
    oldest = BooleanField(_l("Checked longest ago first"))


def found_by(form: SearchForm) -> tuple[OfficialLine, ...]:
    """Return the officials that fit a search."""
    kinds = {kind.value: kind for kind in OfficialKind}
    return official_lines(
        [interface_language()],
        own_day(now()),
        words=form.q.data or "",
        kind=kinds.get(form.kind.data or ""),
        country=form.country.data or None,
        only_stale=bool(form.stale.data),
        oldest_first=bool(form.oldest.data),
    )


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """Show the officials that fit the search; embassies by the state that they represent."""
    form = SearchForm(request.args)
    lines = found_by(form)
    return render_template(
        "organiser/officials/index.html",
        form=form,
        offices=[line for line in lines if line.kind is OfficialKind.OFFICE],
        embassies=_by_state(lines),
        searched=any(form.data.values()),
        found=len(lines),
        stale=sum(line.is_stale for line in lines),
        kinds=KINDS,
        countries=country_options(),
    )


@blueprint.get("/<int:official_id>")
@allowed(Right.LOOK, narrows=True)
def show(official_id: int) -> ResponseReturnValue:
    """Show one official. Raises NotFound."""
    official = get_official(official_id)
    texts, replies = texts_of(official.id), replies_from(official.id)
    return render_template(
        "organiser/officials/show.html",
        official=official,
        facts=facts_of(official),
        texts=texts,
        source=texts[official.source_language],
        stale=is_stale(official.checked_on, own_day(now())),
        uses=used_by(official.id, [interface_language()]),
        used=is_used(official.id),
        fixed=is_addressee(official.id),
        kinds=KINDS,
        languages_to_add=language_options(),
        changed=who_and_when(f"official {official.id}"),
        former=former_holders(official.id),
        replies=replies,
        titles=titles_of([reply.petition_id for reply in replies], wishes()),
    )


def _by_state(lines: tuple[OfficialLine, ...]) -> list[tuple[str, list[OfficialLine]]]:
    """Return embassies, consulates and missions by the state that they represent, by its name."""
    of_states = [line for line in lines if line.represents]
    of_states.sort(key=lambda line: name_of_country(line.represents or ""))  # stable
    return [(code or "", list(group)) for code, group in groupby(of_states, _state)]


def _state(line: OfficialLine) -> str | None:
    return line.represents
