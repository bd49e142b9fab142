"""The petition as readers will see it, from its drafts, or from what is typed and not yet saved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from petitions.domain.country_notices import Notice
from petitions.domain.petition_versions import asks_in, current
from petitions.domain.petition_words import Words
from petitions.domain.presenting.petition_page import PetitionPage, Versions, page_of
from petitions.domain.presenting.versions import (
    ConsentWords,
    SignedWords,
    asks_of,
    consents_of,
    texts_of,
)
from petitions.domain.presenting.wording import paragraphs, pick
from petitions.models import Case, ConsentVersion, Petition, TextVersion


def petition_preview(
    petition: Petition,
    case: Case,
    language: str,
    now: datetime,
    *,
    typed: Words | None = None,
    typed_consent: Mapping[str, str] | None = None,
    typed_notice: Notice | None = None,
    country: str | None = None,
) -> PetitionPage:
    """Return the page in a language, as if it were open; in the source where nothing is written.

    What is typed stands in place of what is saved, the words in that language. `country` is where
    the reader is supposed to live.
    """
    text, consent = current(TextVersion, petition.id), current(ConsentVersion, petition.id)
    texts, consents, written = texts_of(text.id), consents_of(consent.id), asks_of(text.id)
    asks = {ask.id: written.get(ask.id, {}) for ask in asks_in(text.id)}
    if typed is not None:
        texts[language] = _signed_words(language, typed.text)
        for voices, ask in zip(asks.values(), typed.asks, strict=False):
            voices[language] = ask
            if not any(ask):
                del voices[language]
    if typed_consent is not None:
        consents[language] = ConsentWords(language, **typed_consent)
    texts = texts or {language: _signed_words(language, {})}
    chosen = language if language in texts else pick([language], texts, case.source_language)
    words = texts[chosen]
    return page_of(
        petition,
        case,
        now,
        wishes=[chosen, case.source_language],
        versions=Versions(text.id, text.number, consent.id, consent.number),
        words=words if words.title else replace(words, title=petition.slug),
        asks=asks,
        consent=consents.get(chosen),
        languages=texts,
        takes_signatures=True,
        country=country,
        typed_notice=typed_notice,
    )


def _signed_words(language: str, text: Mapping[str, str]) -> SignedWords:
    return SignedWords(
        language=language,
        title=text.get("title", ""),
        paragraphs=paragraphs(text.get("text", "")),
        letter_subject=text.get("letter_subject", ""),
        letter_opening=paragraphs(text.get("letter_opening", "")),
        letter_closing=text.get("letter_closing", ""),
    )
