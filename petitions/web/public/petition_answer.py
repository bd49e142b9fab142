"""The petition's page as an answer: fresh for readers, or with what was typed after a refusal."""

from typing import Any

from flask import Response, current_app, g, make_response, render_template, request, url_for

from petitions.clock import now
from petitions.domain.presenting import PetitionPage, petition_page
from petitions.domain.presenting.deliveries import history_of
from petitions.i18n import choose_language, countries, countries_in, language_name
from petitions.models import Case, Petition
from petitions.web.language import interface_language, wishes
from petitions.web.public.forms import SignerShape, country_code
from petitions.web.public.shared import shared_petition


def country_asked() -> str | None:
    """Return the country that the address says the reader lives in (`?country=UZ`), if it is one.

    Not looked up from the network: a page that knew it by itself could not be kept by caches, and
    many who are at risk come over Tor.
    """
    code = country_code(request.args.get("country"))
    return code if code in countries() else None


def petition_answer(
    template: str, petition: Petition, case: Case, form: SignerShape, **context: Any
) -> Response:
    """Return the page with a fresh stamp; the stamp is the same for all readers within an hour."""
    moment = now()
    form.country.data = form.country.data or country_asked() or ""
    known = form.country.data if form.country.data in countries() else None
    page = petition_page(petition, case, wishes(), moment, country=known)
    tokens = current_app.extensions["petitions"].tokens
    stamp = ""
    if page.consent is not None:
        versions = (page.text_number, page.consent_number)
        stamp = tokens.stamp(page.id, *versions, page.words.language, moment)
    reads = request.method in {"GET", "HEAD"}
    g.content_languages = page.languages
    g.kept_in_address = {"country": country_asked()}
    if template == "petition.html":  # the frame on other sites holds the form alone
        context["history"] = history_of(page.id, page.time_zone, wishes())
        context["shared"] = shared_petition(page)
    elsewhere = {
        "where": _here() if reads else "",  # a link would lose what was typed
        "sign_in": _languages_to_sign_in(page),
    }
    html = render_template(
        template,
        page=page,
        form=form,
        stamp=stamp,
        countries=countries_in(interface_language()),
        fresh=reads,
        **(elsewhere | context),
    )
    return make_response(html)


def _here() -> str:
    """Return the endpoint of this page for reading; of one that was sent, the petition's."""
    return "reading.embed" if request.endpoint == "reading.embed" else "reading.one_petition"


def _languages_to_sign_in(page: PetitionPage) -> list[tuple[str, str, str]]:
    """Return tag, own name and address of the languages that the petition can be signed in.

    Nothing for readers who have got the language that they want most.
    """
    if choose_language(wishes()[:1], [page.words.language]) is not None:
        return []
    kept: dict[str, Any] = {"petition": page.slug, "country": country_asked()}
    return [(tag, language_name(tag), url_for(_here(), **kept, lang=tag)) for tag in page.languages]
