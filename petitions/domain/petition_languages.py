"""What a petition says in all its languages, read at once: how far each is, and what is outdated.

A page that shows every language asks for all rows of a version together, and not for each in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.petition_translations import RowsByPlace, outdated_of
from petitions.domain.petition_versions import CONSENT_FIELDS, TEXT_FIELDS, VOICES, asks_in
from petitions.domain.petition_words import HowFar, Words, how_far_of, values_in
from petitions.domain.translations import outdated
from petitions.extensions import db
from petitions.models import Ask, AskText, ConsentText, PetitionText


@dataclass(frozen=True, slots=True)
class AllWords:
    """All rows of a text version, by language and place, and its asks in their order."""

    asks: Sequence[Ask]
    rows: Mapping[str, RowsByPlace]

    def words(self, language: str) -> Words:
        """Return what is said in a language; empty where nothing is written yet."""
        rows = self.rows.get(language, {})
        told = (values_in(rows.get(at), VOICES) for at in range(1, len(self.asks) + 1))
        return Words(
            values_in(rows.get(0), TEXT_FIELDS),
            tuple((voices["for_readers"], voices["for_letter"]) for voices in told),
        )

    def written(self) -> dict[str, HowFar]:
        """Return the languages in which anything is written, and how far."""
        far = {language: self.words(language).how_far() for language in sorted(self.rows)}
        return {language: how for language, how in far.items() if how is not HowFar.EMPTY}

    def complete(self) -> set[str]:
        """Return the languages in which text and letter and all asks are written."""
        return {language for language, how in self.written().items() if how is HowFar.COMPLETE}

    def outdated(self, source: str) -> dict[str, frozenset[tuple[int, str]]]:
        """Return what is written whose original changed since, for each language.

        Fields come with the place of the ask that they belong to, or 0.
        """
        original = self.words(source).by_place()
        found = {
            language: outdated_of(self.rows[language], self.words(language).by_place(), original)
            for language in self.written()
        }
        return {**found, source: frozenset()} if source in found else found


def all_words(version_id: int) -> AllWords:
    """Return what a text version says in all languages."""
    asks = asks_in(version_id)
    places = {ask.id: place for place, ask in enumerate(asks, start=1)}
    rows: dict[str, RowsByPlace] = {}
    texts = select(PetitionText).where(PetitionText.text_version_id == version_id)
    for text in db.session.execute(texts).scalars():
        rows.setdefault(text.language, {})[0] = text
    voices = select(AskText).join(Ask, Ask.id == AskText.ask_id)
    voices = voices.where(Ask.text_version_id == version_id)
    for ask in db.session.execute(voices).scalars():
        rows.setdefault(ask.language, {})[places[ask.ask_id]] = ask
    return AllWords(asks, rows)


def languages_written(version_id: int) -> dict[str, HowFar]:
    """Return the languages in which anything of a text version is written, and how far."""
    return all_words(version_id).written()


@dataclass(frozen=True, slots=True)
class AllConsents:
    """The words of a consent version in all languages, in the order of their tags."""

    rows: Mapping[str, ConsentText]

    def words(self, language: str) -> dict[str, str]:
        """Return the words in a language; empty where there are none yet."""
        return values_in(self.rows.get(language), CONSENT_FIELDS)

    def written(self) -> dict[str, HowFar]:
        """Return the languages, and how far each is written."""
        return {language: how_far_of(list(self.words(language).values())) for language in self.rows}

    def outdated(self, source: str) -> dict[str, tuple[str, ...]]:
        """Return the fields whose original changed since, for each language."""
        original = self.words(source)
        found = {
            language: outdated(row.made_from, self.words(language), original)
            for language, row in self.rows.items()
        }
        return {**found, source: ()} if source in found else found


def all_consents(version_id: int) -> AllConsents:
    """Return what a consent version says in all languages."""
    query = select(ConsentText).where(ConsentText.consent_version_id == version_id)
    rows = {row.language: row for row in db.session.execute(query).scalars()}
    return AllConsents(dict(sorted(rows.items())))


def consents_written(version_id: int) -> dict[str, HowFar]:
    """Return the languages of a consent, and how far each is written."""
    return all_consents(version_id).written()
