"""What a petition says in one language: text, letter and both voices of every ask, in one form."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField, StringField, TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain.consent_words import default_closing
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_asks import MOST_ASKS
from petitions.domain.petition_languages import all_words, languages_written
from petitions.domain.petition_versions import TEXT_FIELDS, current, published_text
from petitions.domain.petition_words import (
    Words,
    save_words,
    shown_values,
    words_of,
)
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.rights import Right
from petitions.i18n import language_name
from petitions.models import Case, Petition, TextVersion
from petitions.web.language import interface_language
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.petitions.overview import asks_told, heading, languages_shown
from petitions.web.organiser.petitions.previewing import preview_of_typed
from petitions.web.organiser.petitions.rows import Rows, too_many_rows
from petitions.web.organiser.petitions.saving import (
    Trouble,
    blueprint,
    number_of,
    save,
    saved,
)
from petitions.web.organiser.petitions.words import field_words, outdated_words

_LONG = Length(max=20_000, message=_l("This is too long. Please shorten it."))
_LINE = Length(max=300, message=_l("This is too long for one line: at most 300 characters."))


class VoicesForm(Form):
    """Both voices of one ask."""

    for_readers = TextAreaField(_l("For readers"), [_LONG], filters=[tidied])
    for_letter = TextAreaField(_l("For the letter"), [_LONG], filters=[tidied])


class TextForm(ConsoleForm):
    """A petition in one language."""

    title = StringField(_l("Title"), [_LINE], filters=[stripped])
    text = TextAreaField(_l("Text for readers"), [_LONG], filters=[tidied])
    letter_subject = StringField(_l("Subject of the letter"), [_LINE], filters=[stripped])
    letter_opening = TextAreaField(_l("Opening of the letter"), [_LONG], filters=[tidied])
    asks = Rows(FormField(VoicesForm), most=MOST_ASKS)
    letter_closing = StringField(_l("Closing of the letter"), [_LINE], filters=[stripped])

    def words(self) -> Words:
        """Return what was typed."""
        text = {name: self[name].data or "" for name in TEXT_FIELDS}
        asks = ((entry.for_readers.data or "", entry.for_letter.data or "") for entry in self.asks)
        return Words(text, tuple(asks))


@blueprint.get("/<int:petition_id>/new-language")
@allowed(Right.WRITE_TEXTS)
def new_language(petition_id: int) -> ResponseReturnValue:
    """Let a language be chosen in which nothing is written yet."""
    petition, case = petition_numbered(petition_id)
    written = languages_written(current(TextVersion, petition.id).id)
    groups = [
        (label, [row for row in rows if row[0] not in written])
        for label, rows in choices.languages(case.source_language)
    ]
    return render_template(
        "organiser/petitions/new_language.html", **heading(petition, case), to_choose=groups
    )


@blueprint.get("/<int:petition_id>/text")
@allowed(Right.WRITE_TEXTS)
def any_text(petition_id: int) -> ResponseReturnValue:
    """Lead to the text in the language chosen on the petition's page."""
    _, case = petition_numbered(petition_id)
    language = request.args.get("language") or case.source_language
    return redirect(url_for("petitions.text", petition_id=petition_id, language=language), 303)


@blueprint.get("/<int:petition_id>/text/<language>")
@allowed(Right.WRITE_TEXTS)
def text(petition_id: int, language: str) -> ResponseReturnValue:
    """Show the text in a language as a form, beside the source.

    With `version` in the address its words are those of an older one, to be saved again.
    """
    petition, case = _found(petition_id, language)
    version, older = current(TextVersion, petition.id), _older(petition.id)
    words = words_of((older or version).id, language)
    typed: dict[str, Any] = dict(words.text)
    typed["letter_closing"] = typed["letter_closing"] or default_closing(language)
    asks = [{"for_readers": one, "for_letter": other} for one, other in words.asks]
    seen = fingerprint(shown_values(version.id, language, case.source_language))
    form = restored(TextForm(**typed, asks=asks, seen=seen))
    return _page(petition, case, language, form, older=older)


@blueprint.post("/<int:petition_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_text(petition_id: int, language: str) -> ResponseReturnValue:
    """Save the text in a language, or show it as readers would see it without saving."""
    petition, case = _found(petition_id, language)
    form, action = TextForm(request.form), request.form.get("action", "save")
    if action == "edit":
        return _page(petition, case, language, form)
    if not form.validate():
        refused = Trouble(message=too_many_rows(form))
        return _page(petition, case, language, form, refused), 422
    if action == "preview":
        here = url_for("petitions.save_text", petition_id=petition_id, language=language)
        return preview_of_typed(petition, case, language, here, words=form.words())
    trouble = save(
        form,
        petition_id,
        lambda: save_words(
            petition_to_change(petition_id),
            language,
            form.words(),
            seen=form.seen.data or "",
            author=organiser().id,
            now=now(),
            is_right=bool(request.form.get("is_right")),
        ),
    )
    if trouble is not None:
        page = _page(*petition_numbered(petition_id), language, form, trouble)
        return page, trouble.status
    done = gettext("Saved: %(language)s.", language=_name(language))
    return saved(done, url_for("petitions.show", petition_id=petition_id, _anchor="texts"))


def _found(petition_id: int, language: str) -> tuple[Petition, Case]:
    petition, case = petition_numbered(petition_id)
    if not choices.is_language(language) and language != case.source_language:
        abort(404)
    return petition, case


def _older(petition_id: int) -> TextVersion | None:
    number = number_of(request.args.get("version"))
    return published_text(petition_id, number) if number else None


def _page(
    petition: Petition,
    case: Case,
    language: str,
    form: TextForm,
    trouble: Trouble | None = None,
    *,
    older: TextVersion | None = None,
) -> str:
    version, source = current(TextVersion, petition.id), case.source_language
    problems = form.problems()
    if trouble and trouble.message:
        problems.append(("title", trouble.message))
    there = all_words(version.id)
    asked, old = asks_told(version, source, there), there.outdated(source)
    gone = _fit(form, len(asked))
    outdated = old.get(language, frozenset())
    return render_template(
        "organiser/petitions/text.html",
        **heading(petition, case),
        form=form,
        language_tag=language,
        own_name=_name(language),
        is_source=language == source,
        original=there.words(source),
        asked=asked,
        gone=gone,
        older=older,
        trouble=trouble,
        theirs=_theirs(trouble),
        problems=problems,
        languages_told=languages_shown(case, there.written(), {}),
        on_public=version.published_at is not None,
        outdated=outdated,
        outdated_words=outdated_words(outdated),
        outdated_tags={tag for tag, fields in old.items() if fields},
    )


def _fit(form: TextForm, number: int) -> list[tuple[str, str]]:
    """Give the form as many asks as there are now; return what was typed for those now gone."""
    typed = [(one.for_readers.data or "", one.for_letter.data or "") for one in form.asks]
    while len(form.asks) < number:
        form.asks.append_entry()
    while len(form.asks) > number:
        form.asks.pop_entry()
    return [voices for voices in typed[number:] if any(voices)]


def _theirs(trouble: Trouble | None) -> list[tuple[str, str]]:
    """Return what somebody else saved, field by field."""
    if trouble is None or not trouble.theirs:
        return []
    told = [(field_words(name), str(trouble.theirs[name])) for name in TEXT_FIELDS]
    for place, (readers, letter) in enumerate(trouble.theirs["asks"], start=1):
        told.append((gettext("Ask %(number)s, for readers", number=place), readers))
        told.append((gettext("Ask %(number)s, for the letter", number=place), letter))
    return told


def _name(language: str) -> Any:
    return language_name(language, shown_in=interface_language())
