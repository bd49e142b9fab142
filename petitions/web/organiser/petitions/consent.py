"""The consent in one language: the risk told, what is agreed to, and news."""

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain.consent_words import default_consent
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_languages import all_consents
from petitions.domain.petition_versions import CONSENT_FIELDS, current
from petitions.domain.petition_words import (
    consent_of,
    save_consent,
)
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.presenting.versions import addressees_of
from petitions.domain.rights import Right
from petitions.i18n import language_name
from petitions.models import Case, ConsentVersion, Petition
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.organiser.petitions.overview import heading, languages_shown
from petitions.web.organiser.petitions.previewing import preview_of_typed
from petitions.web.organiser.petitions.saving import Trouble, blueprint, save, saved
from petitions.web.organiser.petitions.words import field_words

_LONG = Length(max=4_000, message=_l("This is too long. Please shorten it."))


class ConsentForm(ConsoleForm):
    """The consent in one language."""

    risk = TextAreaField(_l("Risk"), [_LONG], filters=[tidied])
    consent = TextAreaField(_l("Consent"), [_LONG], filters=[tidied])
    news = TextAreaField(_l("News"), [_LONG], filters=[tidied])

    def words(self) -> dict[str, str]:
        """Return what was typed."""
        return {name: self[name].data or "" for name in CONSENT_FIELDS}


@blueprint.get("/<int:petition_id>/consent/<language>")
@allowed(Right.WRITE_TEXTS)
def consent(petition_id: int, language: str) -> ResponseReturnValue:
    """Show the consent in a language as a form; suggest words where there are none yet."""
    petition, case = _found(petition_id, language)
    words: dict[str, Any] = consent_of(current(ConsentVersion, petition.id).id, language)
    form = ConsentForm(**words, seen=fingerprint(words))
    default = default_consent(language)
    suggested = not any(words.values()) and bool(default.consent)
    if suggested:
        form.risk.data, form.consent.data = default.risk, default.consent
        form.news.data = default.news
    form = restored(form)
    return _page(petition, case, language, form, suggested=suggested)


@blueprint.post("/<int:petition_id>/consent/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def keep_consent(petition_id: int, language: str) -> ResponseReturnValue:
    """Save the consent in a language, or show it in the form that signs without saving."""
    petition, case = _found(petition_id, language)
    form, action = ConsentForm(request.form), request.form.get("action", "save")
    if action == "edit":
        return _page(petition, case, language, form)
    if not form.validate():
        return _page(petition, case, language, form, Trouble()), 422
    if action == "preview":
        here = url_for("petitions.keep_consent", petition_id=petition_id, language=language)
        return preview_of_typed(petition, case, language, here, consent=form.words())
    trouble = save(
        form,
        petition_id,
        lambda: save_consent(
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
    name = language_name(language, shown_in=interface_language())
    where = url_for("petitions.show", petition_id=petition_id, _anchor="texts")
    return saved(gettext("Saved: consent, %(language)s.", language=name), where)


def _found(petition_id: int, language: str) -> tuple[Petition, Case]:
    petition, case = petition_numbered(petition_id)
    if not choices.is_language(language) and language != case.source_language:
        abort(404)
    return petition, case


def _page(
    petition: Petition,
    case: Case,
    language: str,
    form: ConsentForm,
    trouble: Trouble | None = None,
    *,
    suggested: bool = False,
) -> str:
    version, source = current(ConsentVersion, petition.id), case.source_language
    problems = form.problems()
    if trouble and trouble.message:
        problems.append(("risk", trouble.message))
    theirs = trouble.theirs if trouble else {}
    consents = all_consents(version.id)
    outdated = consents.outdated(source)
    return render_template(
        "organiser/petitions/consent.html",
        **heading(petition, case),
        form=form,
        language_tag=language,
        own_name=language_name(language, shown_in=interface_language()),
        is_source=language == source,
        original=consent_of(version.id, source),
        suggested=suggested,
        lines=addressees_of(petition.id, wishes()),
        trouble=trouble,
        theirs=[(field_words(name), str(text)) for name, text in theirs.items()],
        problems=problems,
        languages_told=languages_shown(case, {}, consents.written()),
        outdated=outdated.get(language, ()),
        outdated_words=[field_words(name) for name in outdated.get(language, ())],
        outdated_tags={tag for tag, fields in outdated.items() if fields},
        on_public=version.published_at is not None,
    )
