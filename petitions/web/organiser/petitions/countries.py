"""Notices per country: what readers of one country are told next to the form, or that it is closed.

What is saved here holds at once.
"""

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain.country_notices import LONGEST, Notice, notice_for, notices_of, save_notice
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_asks import states_addressed
from petitions.domain.petition_languages import languages_written
from petitions.domain.petition_versions import current
from petitions.domain.petition_words import HowFar
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.rights import Right
from petitions.i18n import country_name, language_name
from petitions.models import Case, Petition, PetitionState, TextVersion
from petitions.web.language import interface_language
from petitions.web.organiser.access import allowed, may, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.organiser.petitions.overview import heading, languages_shown
from petitions.web.organiser.petitions.previewing import preview_of_typed
from petitions.web.organiser.petitions.saving import Trouble, blueprint, save, saved
from petitions.web.organiser.petitions.words import field_words, refusal_words

_SHORT = Length(max=LONGEST, message=_l("This is too long. Please shorten it."))


class CountryChoice(ConsoleForm):
    """The country that something is to be said to."""

    country = StringField(_l("Country"))


class NoticeForm(ConsoleForm):
    """A notice in one language, and whether the form is closed in that country."""

    text = TextAreaField(_l("Notice"), [_SHORT], filters=[tidied])
    closed = BooleanField(_l("Close the form for people who live there"))

    def notice(self, country: str, language: str) -> Notice:
        """Return what was typed."""
        return Notice(country, bool(self.closed.data), {language: self.text.data or ""})


@blueprint.get("/<int:petition_id>/countries")
@allowed(Right.WRITE_TEXTS)
def countries(petition_id: int) -> ResponseReturnValue:
    """List the notices, and let a country be chosen for another one."""
    chosen = request.args.get("country")
    if chosen in choices.country_codes():
        language = petition_numbered(petition_id)[1].source_language
        there = url_for("petitions.notice", **_here(petition_id, str(chosen), language))
        return redirect(there, 303)
    petition, case = petition_numbered(petition_id)
    form = CountryChoice(country="")
    if chosen is not None:
        form.add_error("country", refusal_words("unknown country"))
    page = render_template(
        "organiser/petitions/countries.html",
        **heading(petition, case),
        form=form,
        notices=notices_of(petition.id),
        to_choose=_to_choose(petition, case),
        problems=form.problems(),
        published=petition.state is not PetitionState.DRAFT,
    )
    return page, 422 if chosen is not None else 200


@blueprint.get("/<int:petition_id>/countries/<country>/<language>")
@allowed(Right.WRITE_TEXTS)
def notice(petition_id: int, country: str, language: str) -> ResponseReturnValue:
    """Show a notice in a language as a form, beside the source."""
    petition, _ = _found(petition_id, country, language)
    values = notice_for(petition.id, country).values(language)
    form = restored(NoticeForm(**values, seen=fingerprint(values)))
    return _page(petition_id, country, language, form)


@blueprint.post("/<int:petition_id>/countries/<country>/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_country(petition_id: int, country: str, language: str) -> ResponseReturnValue:
    """Save a notice in a language, or show it in the form that signs without saving."""
    petition, case = _found(petition_id, country, language)
    form, action = NoticeForm(request.form), request.form.get("action", "save")
    if language != case.source_language or not may(Right.PUBLISH):  # not offered there
        form.closed.data = notice_for(petition.id, country).closed
    if action == "edit":
        return _page(petition_id, country, language, form)
    if not form.validate():
        return _page(petition_id, country, language, form, Trouble()), 422
    typed = form.notice(country, language)
    if action == "preview":
        here = url_for("petitions.save_country", **_here(petition_id, country, language))
        return preview_of_typed(petition, case, language, here, notice=typed)
    trouble = save(
        form,
        petition_id,
        lambda: save_notice(
            petition_to_change(petition_id),
            typed,
            language,
            rights=g.rights,
            seen=form.seen.data or "",
            author=organiser().id,
            now=now(),
            is_right=bool(request.form.get("is_right")),
        ),
    )
    if trouble is not None:
        page = _page(petition_id, country, language, form, trouble)
        return page, trouble.status
    done = gettext("Saved: %(country)s.", country=country_name(country, interface_language()))
    return saved(done, url_for("petitions.countries", petition_id=petition_id))


def _here(petition_id: int, country: str, language: str) -> dict[str, Any]:
    return {"petition_id": petition_id, "country": country, "language": language}


def _found(petition_id: int, country: str, language: str) -> tuple[Petition, Case]:
    petition, case = petition_numbered(petition_id)
    known = choices.is_language(language) or language == case.source_language
    if not known or country not in choices.country_codes():
        abort(404)
    return petition, case


def _to_choose(petition: Petition, case: Case) -> list[tuple[Any, Any]]:
    """Return the countries that have no notice yet: the states addressed first."""
    taken = {one.country for one in notices_of(petition.id)}
    shown = interface_language()
    states = [code for code in states_addressed(case.id) if code not in taken]
    rest = [row for row in choices.countries() if row[0] not in {*taken, *states}]
    near = [(code, country_name(code, shown)) for code in states]
    groups = [(gettext("States addressed"), near), (gettext("All other countries"), rest)]
    return [group for group in groups if group[1]]


def _page(
    petition_id: int,
    country: str,
    language: str,
    form: NoticeForm,
    trouble: Trouble | None = None,
) -> str:
    petition, case = petition_numbered(petition_id)
    there, source = notice_for(petition.id, country), case.source_language
    problems = form.problems()
    if trouble and trouble.message:
        problems.append(("text", trouble.message))
    texts = dict.fromkeys(languages_written(current(TextVersion, petition.id).id), HowFar.EMPTY)
    texts |= dict.fromkeys(there.texts, HowFar.COMPLETE)
    theirs = trouble.theirs if trouble else {}
    outdated = there.outdated(source)
    return render_template(
        "organiser/petitions/notice.html",
        **heading(petition, case),
        form=form,
        notice=there,
        language_tag=language,
        own_name=language_name(language, shown_in=interface_language()),
        is_source=language == source,
        original=there.texts.get(source, ""),
        languages_told=languages_shown(case, texts, {}),
        outdated_tags=outdated,
        outdated=language in outdated,
        outdated_words=[field_words("notice")],
        longest=LONGEST,
        trouble=trouble,
        theirs=[
            (field_words("notice"), theirs.get("text", "")),
            (field_words("closed"), gettext("yes") if theirs.get("closed") else gettext("no")),
        ],
        problems=problems,
    )
