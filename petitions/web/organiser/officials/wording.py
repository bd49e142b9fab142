"""How an official is named and addressed in a language, beside the language of the paper."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import officials
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_facts import OfficialWords, values_of, words_of
from petitions.domain.official_lists import texts_of
from petitions.domain.official_promises import is_promised
from petitions.domain.officials import get_official
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import OfficialText
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import stripped
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.forms import KnownWordsForm, labels_of
from petitions.web.organiser.officials.messages import tell
from petitions.web.organiser.organisation_choices import is_language
from petitions.web.organiser.organisation_conflicts import conflict_of

Tab = tuple[str, str, str, bool, str]


@blueprint.get("/<int:official_id>/text")
@allowed(Right.WRITE_TEXTS)
def choose_language(official_id: int) -> ResponseReturnValue:
    """Lead to the text in the language that was chosen."""
    language = request.args.get("language", "")
    if not is_language(language):
        return redirect(url_for("officials.show", official_id=official_id), 303)
    return redirect(url_for("officials.text", official_id=official_id, language=language), 303)


@blueprint.get("/<int:official_id>/text/<language>")
@allowed(Right.WRITE_TEXTS)
def text(official_id: int, language: str) -> ResponseReturnValue:
    """Show the words in one language, to be written or changed. Raises NotFound.

    The address may propose words: a translator's, for somebody who may save them.
    """
    if not is_language(language):
        abort(404)
    words = words_of(texts_of(get_official(official_id).id).get(language))
    values = values_of(words)
    proposed = {name: stripped(request.args[name]) for name in values if name in request.args}
    form = KnownWordsForm(data={**values, **proposed})
    form.seen.data = fingerprint(values)
    return _page(official_id, language, restored(form), proposed=bool(proposed))


@blueprint.post("/<int:official_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def write(official_id: int, language: str) -> ResponseReturnValue:
    """Save the words in one language. Raises NotFound."""
    if not is_language(language):
        abort(404)
    form = KnownWordsForm(request.form)
    if not form.validate():
        return _page(official_id, language, form, 422)
    begin_write()
    try:
        officials.write_words(
            official_id,
            language,
            form.words(),
            seen=form.seen.data or "",
            actor=actor(),
            now=now(),
            rights=[right for right in Right if may(right)],
            same_office=bool(form.same_office.data),
        )
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return _page(official_id, language, form, 422, to_send=refused.reason == "needs an editor")
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        mine = values_of(form.words())
        told = conflict_of(f"official {official_id}", changed.values, mine, labels_of(form))
        return _page(official_id, language, form, 409, told)
    db.session.commit()
    flash(gettext("Saved in this language: %(language)s.", language=_named(language)), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


@blueprint.post("/<int:official_id>/text/<language>/remove")
@allowed(Right.WRITE_TEXTS)
def remove(official_id: int, language: str) -> ResponseReturnValue:
    """Remove the words in one language, not that of the paper. Raises NotFound."""
    begin_write()
    try:
        officials.remove_words(official_id, language, actor=actor(), now=now())
    except Refused as refused:
        db.session.rollback()
        if refused.reason == "promised":
            words = gettext("Signers may have read these words. They stay; correct them instead.")
        else:
            words = gettext("The language of the paper stays.")
        flash(words, "warning")
    else:
        db.session.commit()
        flash(gettext("Removed in this language: %(language)s.", language=_named(language)), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


def _page(
    official_id: int,
    language: str,
    form: KnownWordsForm,
    status: int = 200,
    told: dict[str, Any] | None = None,
    *,
    proposed: bool = False,
    to_send: bool = False,
) -> ResponseReturnValue:
    official = get_official(official_id)
    texts = texts_of(official.id)
    page = render_template(
        "organiser/officials/text.html",
        official=official,
        source=texts[official.source_language],
        text_language=language,
        exists=language in texts,
        form=form,
        problems=form.problems() if status == 422 else (),
        told=told,
        promised=is_promised(official),
        proposed=proposed,
        link=_link(official_id, language, form) if to_send else "",
        tabs=_tabs(official.id, texts, language),
    )
    return page, status


def _link(official_id: int, language: str, form: KnownWordsForm) -> str:
    """Return the address that shows what is typed to somebody else, who may save it."""
    words = values_of(form.words())
    return url_for("officials.text", official_id=official_id, language=language, **words)


def _tabs(official_id: int, texts: dict[str, OfficialText], shown: str) -> list[Tab]:
    return [
        (
            tag,
            language_name(tag),
            url_for("officials.text", official_id=official_id, language=tag),
            tag == shown,
            _how_far(words_of(texts.get(tag))),
        )
        for tag in sorted({*texts, shown})
    ]


def _how_far(words: OfficialWords) -> str:
    if not words.office:
        return "empty"
    return "complete" if words.salutation else "partly"


def _named(tag: str) -> str:
    return language_name(tag, shown_in=interface_language())
