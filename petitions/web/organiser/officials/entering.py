"""Entering a new official from paper, one after the other where there are several."""

import re
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.official_uses import Similar, similar_to
from petitions.domain.officials import add_official
from petitions.domain.organisation import facts_of as organisation_facts
from petitions.domain.organisation import the_organisation
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import OfficialKind
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import stripped
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.forms import FactsForm, NewOfficialForm
from petitions.web.organiser.officials.messages import KINDS, WHAT_KINDS_ARE, tell
from petitions.web.organiser.organisation_choices import country_options, language_options

_OURS = re.compile(r"/organiser(/[A-Za-z0-9_-]+)+/?")
_KEPT = ("kind", "represents", "source_language")
_KEPT_BY_EMBASSIES = ("preferred_language", "organisation", "salutation", "form_of_address")
"""What the next embassy of the same state usually has as well; shown, and there to be changed."""


@blueprint.get("/new")
@allowed(Right.EDIT)
def new() -> ResponseReturnValue:
    """Show an empty form; what embassies share may be filled by the address."""
    form = NewOfficialForm(data={"accredited_here": True, "source_language": _usual_language()})
    for name in (*_KEPT, *_KEPT_BY_EMBASSIES):
        if given := request.args.get(name):
            form[name].data = stripped(given)
    return _page(restored(form))


@blueprint.post("/new")
@allowed(Right.EDIT, edits=True)
def add() -> ResponseReturnValue:
    """Add an official, then go where the person came from, or on to the next one."""
    form = NewOfficialForm(request.form)
    if not form.validate():
        return _page(form, 422)
    begin_write()
    try:
        official = add_official(
            form.facts(), form.words(), actor=actor(), now=now(), knowing=form.knowing.data
        )
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _page(form, 422)
    official_id = official.id
    db.session.commit()
    flash(gettext("%(office)s is saved.", office=form.office.data), "done")
    return redirect(_onward(form, official_id), 303)


def way_back() -> str:
    """Return the page of the console that `next` asks for; empty where it leads elsewhere."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and _OURS.fullmatch(parts.path)
    return wanted if ours and wanted.isprintable() else ""


def _onward(form: NewOfficialForm, official_id: int) -> str:
    back = way_back()
    if request.form.get("action") == "another":
        same_state = form.kind.data != OfficialKind.OFFICE
        names = (*_KEPT, *_KEPT_BY_EMBASSIES) if same_state else _KEPT
        kept = {name: form[name].data for name in names if form[name].data}
        return url_for("officials.new", **kept, next=back or None)
    if back:
        parts = urlsplit(back)
        query = urlencode([*parse_qsl(parts.query), ("added", str(official_id))])
        return parts._replace(query=query).geturl()
    return url_for("officials.show", official_id=official_id)


def _page(form: NewOfficialForm, status: int = 200) -> ResponseReturnValue:
    similar: tuple[Similar, ...] = ()
    if status != HTTPStatus.OK:
        emails = tuple(re.split(r"[\s;,]+", form.emails.data or ""))
        country = form.country.data or None
        similar = similar_to(emails, form.office.data or "", country)
    page = render_template(
        "organiser/officials/new.html",
        form=form,
        problems=form.problems(),
        similar=similar,
        back=way_back(),
        is_embassy=form.kind.data != OfficialKind.OFFICE,
        **choices(form),
    )
    return page, status


def choices(form: FactsForm) -> dict[str, object]:
    """Return what the fields of a form offer."""
    return {
        "kinds": [(kind.value, KINDS[kind], WHAT_KINDS_ARE[kind]) for kind in OfficialKind],
        "countries": country_options(),
        "languages_to_choose": language_options(
            form.source_language.data, form.preferred_language.data
        ),
    }


def _usual_language() -> str:
    return organisation_facts(the_organisation()).languages[0]
