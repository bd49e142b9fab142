"""The petition as the public will see it: from what is saved, or from what is typed."""

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain.country_notices import Notice
from petitions.domain.petition_words import Words
from petitions.domain.petitions import petition_numbered
from petitions.domain.presenting.petition_page import PetitionPage
from petitions.domain.presenting.petition_preview import petition_preview
from petitions.domain.rights import Right
from petitions.i18n import countries_in
from petitions.models import Case, Petition, PetitionState
from petitions.web.language import chosen_language, interface_language
from petitions.web.organiser.access import allowed
from petitions.web.organiser.petitions.saving import blueprint
from petitions.web.public.forms import SigningShape
from petitions.web.public.petition_answer import country_asked

_NOT_TYPED = frozenset({"csrf_token", "action"})


@blueprint.get("/<int:petition_id>/preview")
@allowed(Right.LOOK)
def preview(petition_id: int) -> ResponseReturnValue:
    """Show the petition with its drafts as readers will see it; nothing can be signed there."""
    petition, case = petition_numbered(petition_id)
    language = chosen_language() or case.source_language
    page = petition_preview(petition, case, language, now(), country=country_asked())
    g.content_languages = page.languages
    return _rendered(page, case, petition_id=petition.id)


def preview_of_typed(
    petition: Petition,
    case: Case,
    language: str,
    back: str,
    *,
    words: Words | None = None,
    consent: Mapping[str, str] | None = None,
    notice: Notice | None = None,
) -> str:
    """Return the page with what is typed, which stays in hidden fields and is not saved."""
    page = petition_preview(
        petition,
        case,
        language,
        now(),
        typed=words,
        typed_consent=consent,
        typed_notice=notice,
        country=notice.country if notice else None,
    )
    typed = [
        (name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED
    ]
    return _rendered(page, case, petition_id=petition.id, typed=typed, back=back)


def _rendered(page: PetitionPage, case: Case, **context: Any) -> str:
    language = page.words.language
    case_url = url_for("cases.preview", case_id=case.id, language=language)
    if case.published_at is not None and case.hidden_at is None:
        case_url = url_for("reading.one_case", case=case.slug)
    countries = countries_in(interface_language())
    form = SigningShape(country=page.country)
    return render_template(
        "organiser/petitions/preview.html",
        page=page,
        form=form,
        countries=countries,
        case_url=case_url,
        unpublished=page.state is PetitionState.DRAFT or case.hidden_at is not None,
        fresh=True,
        **context,
    )
