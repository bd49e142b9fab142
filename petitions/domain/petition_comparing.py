"""What a draft changes of what readers see, field by field, for whoever is about to publish it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from petitions.domain.petition_asks import aims
from petitions.domain.petition_languages import (
    all_consents,
    all_words,
    consents_written,
    languages_written,
)
from petitions.domain.petition_versions import draft, published
from petitions.domain.petition_words import HowFar
from petitions.domain.word_changes import Change, changes_between
from petitions.models import ConsentVersion, TextVersion

_NO_TEXT = 0
"""The id of no version."""


@dataclass(frozen=True, slots=True)
class AimChange:
    """An ask that is added, taken away or aimed otherwise. Countries and addressees as they are."""

    place: int
    before: tuple[str, frozenset[int]] | None
    after: tuple[str, frozenset[int]] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that a draft changes, and the languages in it that are not complete."""

    words: tuple[Change, ...]
    aims: tuple[AimChange, ...]
    unfinished: tuple[str, ...]


def compare(petition_id: int) -> Comparison:
    """Compare the drafts with what is published; empty where nothing waits."""
    words: list[Change] = []
    aimed: list[AimChange] = []
    unfinished: set[str] = set()
    old_text, new_text = published(TextVersion, petition_id), draft(TextVersion, petition_id)
    if old_text is not None and new_text is not None:
        words += _texts(old_text.id, new_text.id)
        aimed += _aims(old_text.id, new_text.id)
        unfinished |= _partly(languages_written(new_text.id))
    old, new = published(ConsentVersion, petition_id), draft(ConsentVersion, petition_id)
    if old is not None and new is not None:
        words += _consents(old.id, new.id)
        unfinished |= _partly(consents_written(new.id))
    return Comparison(tuple(words), tuple(aimed), tuple(sorted(unfinished)))


def compare_texts(before: TextVersion | None, after: TextVersion) -> Comparison:
    """Compare two texts of a petition; with nothing before it, all of a text is new."""
    old = before.id if before is not None else _NO_TEXT
    return Comparison(tuple(_texts(old, after.id)), tuple(_aims(old, after.id)), unfinished=())


def _texts(old: int, new: int) -> Iterator[Change]:
    old_words, new_words = all_words(old), all_words(new)
    for language in sorted({*old_words.written(), *new_words.written()}):
        before, after = old_words.words(language), new_words.words(language)
        yield from changes_between(before.text, after.text, language)
        for place in range(1, max(len(before.asks), len(after.asks)) + 1):
            yield from changes_between(
                _voices(before.asks, place), _voices(after.asks, place), language, place
            )


def _voices(asks: tuple[tuple[str, str], ...], place: int) -> dict[str, str]:
    readers, letter = asks[place - 1] if place <= len(asks) else ("", "")
    return {"for_readers": readers, "for_letter": letter}


def _aims(old: int, new: int) -> Iterator[AimChange]:
    before, after = aims(old), aims(new)
    for place in range(1, max(len(before), len(after)) + 1):
        one, other = (
            (found[place - 1].country, found[place - 1].addressees) if place <= len(found) else None
            for found in (before, after)
        )
        if one != other:
            yield AimChange(place, one, other)


def _consents(old: int, new: int) -> Iterator[Change]:
    before, after = all_consents(old), all_consents(new)
    for language in sorted({*before.rows, *after.rows}):
        yield from changes_between(before.words(language), after.words(language), language)


def _partly(far: Mapping[str, HowFar]) -> set[str]:
    return {language for language, how in far.items() if how is HowFar.PARTLY}
