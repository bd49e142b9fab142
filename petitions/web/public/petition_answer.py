"""The petition's page as an answer: fresh for readers, or with what was typed after a refusal."""

from typing import Any

from flask import Response, current_app, g, make_response, render_template

from petitions.clock import now
from petitions.domain.presenting import petition_page
from petitions.i18n import countries_in
from petitions.models import Case, Petition
from petitions.web.language import interface_language, wishes
from petitions.web.public.forms import SigningShape


def petition_answer(
    template: str, petition: Petition, case: Case, form: SigningShape, **context: Any
) -> Response:
    """Return the page with a fresh stamp; the stamp is the same for all readers within an hour."""
    moment = now()
    page = petition_page(petition, case, wishes(), moment)
    tokens = current_app.extensions["petitions"].tokens
    stamp = ""
    if page.consent is not None:
        versions = (page.text_number, page.consent_number)
        stamp = tokens.stamp(page.id, *versions, page.words.language, moment)
    g.content_languages = page.languages
    countries = countries_in(interface_language())
    html = render_template(
        template, page=page, form=form, stamp=stamp, countries=countries, **context
    )
    return make_response(html)
