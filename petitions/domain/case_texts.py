"""What is told of a case, language by language, as organisers write it.

While a case is not published its texts are saved in place. Afterwards changes wait in a draft
until somebody publishes them (`case_drafts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.case_finding import actor_of, case_for_writing
from petitions.domain.case_versions import forget_language, keep, versions_of
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.presenting.case_page import CaseWords, words_of
from petitions.domain.translations import note_before_change, note_original, outdated
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Case, CaseDraft, CaseText, Organiser, PulledStatement

FIELDS = tuple(f.name for f in fields(CaseWords) if f.name not in {"language", "statements"})
"""The texts of a case in the order of the form; `statements` come beside them."""


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """How far the texts of one language are: 'complete', 'partly' or 'empty'.

    `outdated` are the fields whose original changed since they were translated.
    """

    language: str
    how_far: str
    is_source: bool
    is_published: bool
    is_waiting: bool
    outdated: tuple[str, ...]


def no_words(language: str) -> CaseWords:
    """Return the words of a language in which nothing is told yet."""
    empty: dict[str, Any] = dict.fromkeys(FIELDS, "")
    return CaseWords(language=language, statements=(), **empty)


def values_of(words: CaseWords) -> Mapping[str, Any]:
    """Return plain values, as a draft keeps them and a fingerprint takes them."""
    values = asdict(words)
    del values["language"]
    return {**values, "statements": [list(pair) for pair in words.statements]}


def words_from(language: str, values: Mapping[str, Any]) -> CaseWords:
    """Return words from the values that a draft keeps."""
    told: dict[str, Any] = {name: values.get(name, "") for name in FIELDS}
    statements = tuple((text, said_by) for text, said_by in values.get("statements", ()))
    return CaseWords(language=language, statements=statements, **told)


def saved_words(case_id: int, language: str) -> CaseWords | None:
    """Return the words that are kept with the case; readers see them once it is published."""
    text = db.session.get(CaseText, (case_id, language))
    return None if text is None else words_of(text)


def draft_of(case_id: int, language: str) -> CaseDraft | None:
    """Return the changes that wait to be published in a language."""
    return db.session.get(CaseDraft, (case_id, language))


def words_now(case_id: int, language: str) -> CaseWords:
    """Return the words that an organiser goes on with: those that wait, else those kept."""
    draft = draft_of(case_id, language)
    if draft is not None:
        return words_from(language, draft.words)
    return saved_words(case_id, language) or no_words(language)


def languages_of(case: Case) -> tuple[LanguageLine, ...]:
    """Return the languages of a case, the source first, each with how far its texts are."""
    texts = select(CaseText).where(CaseText.case_id == case.id)
    kept = {text.language: text for text in db.session.execute(texts).scalars()}
    drafts = select(CaseDraft).where(CaseDraft.case_id == case.id)
    waiting = {draft.language: draft for draft in db.session.execute(drafts).scalars()}
    source = case.source_language
    told_in_source = _told(source, kept.get(source), waiting.get(source))
    lines = []
    for language in sorted({*kept, *waiting, source}, key=lambda tag: (tag != source, tag)):
        row = waiting.get(language) or kept.get(language)
        told = _told(language, kept.get(language), waiting.get(language))
        lines.append(
            LanguageLine(
                language=language,
                how_far=_how_far(told, told_in_source, language == source),
                is_source=language == source,
                is_published=case.published_at is not None and language in kept,
                is_waiting=language in waiting,
                outdated=outdated(row.made_from if row else None, told, told_in_source),
            )
        )
    return tuple(lines)


def save_words(
    case_id: int,
    words: CaseWords,
    *,
    seen: str,
    organiser: Organiser,
    now: datetime,
    is_right: bool = False,
) -> bool:
    """Save what is told in a language; True where it waits to be published.

    `is_right`: whoever saves says that the translation follows the original in all its parts.
    Raises NotFound, ChangedMeanwhile, Refused('no title').
    """
    case = case_for_writing(case_id)
    before = values_of(words_now(case_id, words.language))
    refuse_changed(seen, before)
    if not words.title:
        raise Refused("no title", "title")
    after = values_of(words)
    changed = [name for name in after if after[name] != before[name]]
    is_source = words.language == case.source_language
    if is_source:
        note_before_change(_translations(case), before, changed)
    if case.published_at is None:
        text = write_words(case_id, words)
        text.written_by = joined(text.written_by, organiser.id if changed else None)
    elif changed:
        _write_draft(case_id, words, organiser, now)
    db.session.flush()
    if not is_source:
        _note(case, words.language, tuple(after) if is_right else changed, even_public=is_right)
    if changed:
        action = "case text changed" if case.published_at is None else "case text drafted"
        detail = {"language": words.language, "fields": changed}
        audit.record(actor_of(organiser), action, f"case {case_id}", detail, now)
    return draft_of(case_id, words.language) is not None


def remove_language(case_id: int, language: str, actor: str, now: datetime) -> None:
    """Remove all that is told in a language, drafts too. Pictures and updates keep their words.

    Raises NotFound, Refused('source language').
    """
    case = case_for_writing(case_id)
    if language == case.source_language:
        raise Refused("source language")
    text, draft = db.session.get(CaseText, (case_id, language)), draft_of(case_id, language)
    if text is None and draft is None:
        raise NotFound("nothing is told in this language")
    for table in (CaseDraft, PulledStatement, CaseText):
        query = delete(table).where(table.case_id == case_id, table.language == language)
        db.session.execute(query)
    forget_language(case_id, language)
    audit.record(actor, "language removed", f"case {case_id}", {"language": language}, now)


def write_words(case_id: int, words: CaseWords) -> CaseText:
    """Keep words with the case, in place of what was told before in their language."""
    text = db.session.get(CaseText, (case_id, words.language))
    if text is None:
        text = CaseText(case_id=case_id, language=words.language, title=words.title, written_by=[])
        db.session.add(text)
    for name in FIELDS:
        setattr(text, name, getattr(words, name))
    db.session.flush()
    here = PulledStatement.case_id == case_id, PulledStatement.language == words.language
    db.session.execute(delete(PulledStatement).where(*here))
    for position, (said, said_by) in enumerate(words.statements, start=1):
        db.session.add(
            PulledStatement(
                case_id=case_id,
                language=words.language,
                position=position,
                text=said,
                attribution=said_by,
            )
        )
    return text


def keep_published(case_id: int, published_at: datetime) -> None:
    """Keep the texts of a case, in all languages, as versions that readers see."""
    languages = select(CaseText.language).where(CaseText.case_id == case_id)
    for language in set(db.session.execute(languages).scalars()):
        keep_text(case_id, language, published_at)


def keep_text(case_id: int, language: str, published_at: datetime, *, first: bool = False) -> None:
    """Keep what readers see in a language as a version; `first`: only where none is kept yet."""
    text = db.session.get(CaseText, (case_id, language))
    if text is None or (first and versions_of(case_id, language)):
        return
    keep(case_id, language, values_of(words_of(text)), text.written_by, published_at)


def joined(written_by: list[int] | None, *ids: int | None) -> list[int]:
    """Return ids of writers with further ones, each once."""
    return sorted({*(written_by or ()), *(one for one in ids if one is not None)})


def _write_draft(case_id: int, words: CaseWords, organiser: Organiser, now: datetime) -> None:
    draft = draft_of(case_id, words.language)
    if saved_words(case_id, words.language) == words:
        if draft is not None:
            db.session.delete(draft)  # written back to what readers see: nothing waits
        return
    if draft is None:
        draft = CaseDraft(case_id=case_id, language=words.language, words={}, written_by=[])
        draft.made_from = _noted(case_id, words.language)
        db.session.add(draft)
    draft.words = dict(values_of(words))
    draft.written_by = joined(draft.written_by, organiser.id)
    draft.changed_at = now


def _noted(case_id: int, language: str) -> dict[str, str] | None:
    """Return what the words that an organiser goes on with were made from."""
    row = draft_of(case_id, language) or db.session.get(CaseText, (case_id, language))
    return row.made_from if row else None


def _note(case: Case, language: str, fields: Sequence[str], *, even_public: bool) -> None:
    """Note that fields follow the original now; of what readers see only where that was said.

    Words that were typed and taken back leave no draft, and what readers see is as old as before.
    """
    draft = draft_of(case.id, language)
    row = draft or db.session.get(CaseText, (case.id, language))
    if row is not None and (draft or even_public or case.published_at is None):
        note_original(row, values_of(words_now(case.id, case.source_language)), fields)


def _translations(case: Case) -> list[CaseText | CaseDraft]:
    source = case.source_language
    texts = select(CaseText).where(CaseText.case_id == case.id, CaseText.language != source)
    drafts = select(CaseDraft).where(CaseDraft.case_id == case.id, CaseDraft.language != source)
    return [*db.session.execute(texts).scalars(), *db.session.execute(drafts).scalars()]


def _how_far(told: Mapping[str, Any], in_source: Mapping[str, Any], is_source: bool) -> str:
    if not any(told.values()):
        return "empty"
    if is_source:
        return "complete" if told["title"] and (told["summary"] or told["story"]) else "partly"
    lacking = (
        len(told[name]) < len(in_source[name]) if name == "statements" else not told[name]
        for name in in_source
        if in_source[name]
    )
    return "partly" if any(lacking) else "complete"


def _told(language: str, kept: CaseText | None, waiting: CaseDraft | None) -> Mapping[str, Any]:
    """Return the values of the words that an organiser goes on with, of rows read already."""
    if waiting is not None:
        return values_of(words_from(language, waiting.words))
    return values_of(words_of(kept) if kept else no_words(language))
