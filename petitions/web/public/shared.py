"""What a page says of itself to those who share or find it: address, languages, card, facts.

For Open Graph (ogp.me), for search engines (schema.org), and as the page's own canonical address.
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from petitions.domain.presenting import CasePage, PetitionPage
from petitions.i18n import with_territory
from petitions.models import Case
from petitions.web.language import chosen_language
from petitions.web.page_frame import organisation

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Shared:
    """Absolute addresses and texts for the head of a page. `facts` is JSON-LD."""

    title: str
    description: str
    language: str
    address: str
    languages: tuple[tuple[str, str], ...]
    """Language and address of each version; 'x-default' is the one that asks the browser."""
    card: str
    facts: dict[str, Any]

    @property
    def locale(self) -> str:
        """The language as Open Graph writes it: with a territory."""
        return with_territory(self.language)

    @property
    def other_locales(self) -> tuple[str, ...]:
        """The other languages that the page can be read in."""
        others = (tag for tag, _ in self.languages if tag not in {self.language, "x-default"})
        return tuple(map(with_territory, others))


def shared_petition(page: PetitionPage) -> Shared:
    """Return what a petition's page says of itself."""
    values = {"petition": page.slug}
    language = page.words.language
    address = _address("reading.one_petition", language=chosen_language(), **values)
    description = _short(" ".join(page.words.paragraphs))
    facts: dict[str, Any] = {
        "@type": "WebPage",
        "name": page.words.title,
        "inLanguage": language,
        "url": address,
        "isPartOf": _address("reading.one_case", case=page.case_slug),
        "publisher": _publisher(),
    }
    if page.consent is not None:
        facts["potentialAction"] = {"@type": "EndorseAction", "target": f"{address}#sign"}
    return Shared(
        title=page.words.title,
        description=description,
        language=language,
        address=address,
        languages=_versions("reading.one_petition", page.languages, values),
        card=_address("sharing.petition_card", language=language, **values),
        facts={"@context": "https://schema.org", **facts},
    )


def shared_case(page: CasePage, case: Case) -> Shared:
    """Return what a case's page says of itself."""
    values = {"case": page.slug}
    language = page.words.language
    address = _address("reading.one_case", language=chosen_language(), **values)
    card = _address("sharing.case_card", language=language, **values)
    description = _short(page.words.standfirst or page.words.summary)
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": page.words.title,
        "description": description,
        "inLanguage": language,
        "url": address,
        "image": card,
        "publisher": _publisher(),
        "about": [
            {
                "@type": "Person",
                "name": person.name,
                **_unless_empty("alternateName", [name for name, _ in person.other_names]),
            }
            for person in page.people
        ],
    }
    if case.published_at is not None:
        facts["datePublished"] = case.published_at.date().isoformat()
    days = [update.issued_on for update in page.updates if update.issued_on]
    if days and case.published_at is not None:
        facts["dateModified"] = max(*days, case.published_at.date()).isoformat()
    return Shared(
        title=page.words.title,
        description=description,
        language=language,
        address=address,
        languages=_versions("reading.one_case", page.languages, values),
        card=card,
        facts=facts,
    )


def _address(endpoint: str, *, language: str | None = None, **values: str) -> str:
    base_url: str = current_app.extensions["petitions"].base_url
    given: dict[str, Any] = {**values, "lang": language}
    return base_url + url_for(endpoint, **given)


def _versions(
    endpoint: str, languages: tuple[str, ...], values: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    each = [(tag, _address(endpoint, language=tag, **values)) for tag in languages]
    return (*each, ("x-default", _address(endpoint, **values)))


def _publisher() -> dict[str, str]:
    known = organisation()
    base_url = current_app.extensions["petitions"].base_url
    return {"@type": "Organization", "name": known.name if known else base_url, "url": base_url}


def _unless_empty(name: str, value: list[str]) -> dict[str, list[str]]:
    return {name: value} if value else {}


def _short(text: str) -> str:
    """Return the text's beginning, cut between words."""
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST:
        return plain
    return plain[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
