"""What a petition says in one language: its text, both voices of its asks, and its consent.

Forms show and save these values as a whole; all languages together are in `petition_languages`.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from petitions.domain import audit, petition_translations
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.petition_translations import (
    note_before_change,
    note_consent,
    note_original,
)
from petitions.domain.petition_versions import (
    CONSENT_FIELDS,
    TEXT_FIELDS,
    VOICES,
    aims_of,
    asks_in,
    consent_draft,
    current,
    text_draft,
)
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Ask,
    AskText,
    Case,
    ConsentText,
    ConsentVersion,
    Petition,
    PetitionText,
    TextVersion,
)


class HowFar(enum.StrEnum):
    """How far something is written in a language."""

    COMPLETE = "complete"
    PARTLY = "partly"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language, with both voices of each ask in the order of the asks."""

    text: Mapping[str, str]
    asks: tuple[tuple[str, str], ...]

    def values(self) -> dict[str, Any]:
        """Return plain values, field by field."""
        return {**self.text, "asks": [list(voices) for voices in self.asks]}

    def by_place(self) -> dict[int, Mapping[str, str]]:
        """Return the fields of the text at 0, and those of each ask at its place, from 1 on."""
        asks = enumerate(self.asks, start=1)
        return {0: self.text, **{at: dict(zip(VOICES, ask, strict=True)) for at, ask in asks}}

    def how_far(self) -> HowFar:
        """Tell whether all, some or nothing is written."""
        return how_far_of([*self.text.values(), *(voice for ask in self.asks for voice in ask)])


def how_far_of(fields: Sequence[str]) -> HowFar:
    """Tell whether all, some or none of the fields of a language are written."""
    if all(fields):
        return HowFar.COMPLETE
    return HowFar.PARTLY if any(fields) else HowFar.EMPTY


def values_in(row: object | None, names: Sequence[str]) -> dict[str, str]:
    """Return the words of a row, field by field; empty ones where there is no row."""
    return {name: getattr(row, name) if row else "" for name in names}


def words_of(version_id: int, language: str) -> Words:
    """Return what a text version says in a language; empty where nothing is written yet."""
    text = values_in(db.session.get(PetitionText, (version_id, language)), TEXT_FIELDS)
    query = select(AskText).join(Ask, Ask.id == AskText.ask_id)
    query = query.where(Ask.text_version_id == version_id, AskText.language == language)
    voices = {
        ask.ask_id: (ask.for_readers, ask.for_letter) for ask in db.session.execute(query).scalars()
    }
    return Words(text, tuple(voices.get(ask.id, ("", "")) for ask in asks_in(version_id)))


def shown_values(version_id: int, language: str, source: str) -> dict[str, Any]:
    """Return what the form of a language shows, for a fingerprint.

    Its fields for asks stand in the order of the asks: whatever tells the asks apart belongs to it.
    """
    original = words_of(version_id, source).asks
    aimed = aims_of(version_id)
    told = [
        [ask.country, sorted(aimed.get(ask.id, ())), *([] if language == source else voices)]
        for ask, voices in zip(asks_in(version_id), original, strict=True)
    ]
    return {**words_of(version_id, language).values(), "asked": told}


def save_words(
    petition: Petition,
    language: str,
    new: Words,
    *,
    seen: str,
    author: int,
    now: datetime,
    is_right: bool = False,
) -> bool:
    """Save a language of the text in the draft; return whether anything changed.

    `is_right`: whoever saves says that the translation follows the original in all its parts.
    Raises ChangedMeanwhile, and Refused('asks changed') where the asks are others than those seen.
    """
    source = db.session.get_one(Case, petition.case_id).source_language
    before = current(TextVersion, petition.id)
    refuse_changed(seen, shown_values(before.id, language, source))
    old = words_of(before.id, language)
    if len(new.asks) != len(old.asks):
        raise Refused("asks changed", "asks")
    if new == old:
        if is_right and language != source:  # a note beside words that stay: no new version
            _note(before.id, language, source, None)
        return False
    version = text_draft(petition, author, now)
    if language == source:
        note_before_change(version.id, source, old.by_place(), new.by_place())
    write_words(version, language, new)
    if language != source:
        _note(version.id, language, source, None if is_right else old)
    fields = [name for name in TEXT_FIELDS if new.text[name] != old.text[name]]
    numbered = enumerate(zip(new.asks, old.asks, strict=True), start=1)
    fields += [f"ask {number}" for number, (mine, theirs) in numbered if mine != theirs]
    detail = {"language": language, "fields": fields, "version": version.number}
    audit.record(f"organiser {author}", "petition text changed", _subject(petition), detail, now)
    return True


def write_words(version: TextVersion, language: str, words: Words) -> None:
    """Put the words of one language in place of those a version has; empty ones leave no row."""
    _put(PetitionText, {"text_version_id": version.id, "language": language}, words.text)
    for ask, voices in zip(asks_in(version.id), words.asks, strict=True):
        row = dict(zip(VOICES, voices, strict=True))
        _put(AskText, {"ask_id": ask.id, "language": language}, row)
    db.session.flush()


def outdated_in(version_id: int, language: str, source: str) -> frozenset[tuple[int, str]]:
    """Return the fields whose original changed since they were translated.

    Each with the place of the ask that it belongs to, or 0.
    """
    if language == source:
        return frozenset()
    told = words_of(version_id, language).by_place()
    original = words_of(version_id, source).by_place()
    return petition_translations.outdated_in(version_id, language, told, original)


def remove_language(version: TextVersion, language: str) -> None:
    """Take all words of one language out of a draft."""
    write_words(version, language, Words(dict.fromkeys(TEXT_FIELDS, ""), _none(version.id)))


def consent_of(version_id: int, language: str) -> dict[str, str]:
    """Return the words of a consent in a language; empty where there are none yet."""
    return values_in(db.session.get(ConsentText, (version_id, language)), CONSENT_FIELDS)


def consent_outdated_in(version_id: int, language: str, source: str) -> tuple[str, ...]:
    """Return the fields of a consent whose original changed since they were translated."""
    if language == source:
        return ()
    told, original = consent_of(version_id, language), consent_of(version_id, source)
    return petition_translations.consent_outdated_in(version_id, language, told, original)


def save_consent(
    petition: Petition,
    language: str,
    new: Mapping[str, str],
    *,
    seen: str,
    author: int,
    now: datetime,
    is_right: bool = False,
) -> bool:
    """Save a language of the consent in the draft; return whether anything changed.

    `is_right`: whoever saves says that the translation follows the original in all its parts.
    Raises ChangedMeanwhile.
    """
    source = db.session.get_one(Case, petition.case_id).source_language
    before = current(ConsentVersion, petition.id)
    old = consent_of(before.id, language)
    refuse_changed(seen, old)
    if dict(new) == old:
        if is_right and language != source:
            note_consent(before.id, language, consent_of(before.id, source), CONSENT_FIELDS)
        return False
    version = consent_draft(petition, author, now)
    fields = [name for name in CONSENT_FIELDS if new[name] != old[name]]
    original = consent_of(version.id, source)
    if language == source:
        petition_translations.note_consent_before_change(version.id, source, original, fields)
    write_consent(version, language, new)
    if language != source:
        note_consent(version.id, language, original, CONSENT_FIELDS if is_right else fields)
    detail = {"language": language, "fields": fields, "version": version.number}
    audit.record(f"organiser {author}", "consent changed", _subject(petition), detail, now)
    return True


def write_consent(version: ConsentVersion, language: str, words: Mapping[str, str]) -> None:
    """Put the words of one language in place of those a consent has; empty ones leave no row."""
    _put(ConsentText, {"consent_version_id": version.id, "language": language}, words)
    db.session.flush()


def _note(version_id: int, language: str, source: str, old: Words | None) -> None:
    """Note that a translation follows the original where it differs from `old`, else everywhere."""
    original = words_of(version_id, source).by_place()
    before = old.by_place() if old else {}
    note_original(version_id, language, before, words_of(version_id, language).by_place(), original)


def _none(version_id: int) -> tuple[tuple[str, str], ...]:
    return (("", ""),) * len(asks_in(version_id))


def _put(table: Any, key: Mapping[str, Any], words: Mapping[str, str]) -> None:
    here = [getattr(table, name) == value for name, value in key.items()]
    row = db.session.execute(select(table).where(*here)).scalar_one_or_none()
    if not any(words.values()):
        db.session.execute(delete(table).where(*here))
    elif row is None:
        db.session.add(table(**key, **words))
    else:
        for name, value in words.items():
            setattr(row, name, value)


def _subject(petition: Petition) -> str:
    return f"petition {petition.id}"
