"""Changes to the text of a published case: compared, published, discarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from petitions.domain import audit
from petitions.domain.case_covering import refuse_uncovered
from petitions.domain.case_finding import actor_of, case_for_writing, refuse_own_text
from petitions.domain.case_missing import pictures_without_words_in
from petitions.domain.case_texts import (
    FIELDS,
    draft_of,
    joined,
    keep_text,
    no_words,
    saved_words,
    values_of,
    words_from,
    write_words,
)
from petitions.domain.case_versions import keep
from petitions.domain.comparing import aligned
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.presenting.case_page import CaseWords
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import CaseDraft, Organiser


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a draft changes, paragraph by paragraph: ('same' | 'old' | 'new', text)."""

    field: str
    paragraphs: tuple[tuple[str, str], ...]


def waiting_draft(case_id: int, language: str) -> CaseDraft:
    """Return the changes that wait in a language. Raises NotFound where none do."""
    draft = draft_of(case_id, language)
    if draft is None:
        raise NotFound("no changes wait in this language")
    return draft


def changes_of(draft: CaseDraft) -> tuple[Change, ...]:
    """Return what a draft changes, field by field."""
    old = saved_words(draft.case_id, draft.language) or no_words(draft.language)
    new = words_from(draft.language, draft.words)
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in FIELDS]
    pairs.append(("statements", _statements(old), _statements(new)))
    return tuple(
        Change(name, compared(before, after)) for name, before, after in pairs if before != after
    )


def compared(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Return the paragraphs of two texts in order, each marked 'same', 'old' or 'new'."""
    return aligned(_paragraphs(before), _paragraphs(after))


def shown_changes(draft: CaseDraft) -> Mapping[str, Any]:
    """Return what whoever publishes changes looks at, what readers see and what waits."""
    old = saved_words(draft.case_id, draft.language)
    return {"old": values_of(old) if old else None, "new": draft.words}


def publish_draft(
    case_id: int, language: str, *, seen: str, organiser: Organiser, now: datetime
) -> None:
    """Let readers see the changes. `seen` is the fingerprint of `shown_changes`.

    Raises NotFound, ChangedMeanwhile, Refused: 'own text', 'alt text' where a picture has no
    words in a language that is new to readers, 'story not covered' by the permission.
    """
    case = case_for_writing(case_id)
    draft = waiting_draft(case_id, language)
    refuse_changed(seen, shown_changes(draft))
    refuse_own_text(draft.written_by, organiser)
    if saved_words(case_id, language) is None and pictures_without_words_in(case_id, language):
        raise Refused("alt text")
    if tells_story(draft):
        refuse_uncovered(case, "story", "story")
    changed = [change.field for change in changes_of(draft)]
    if case.published_at is not None:
        keep_text(case_id, language, case.published_at, first=True)
    text = write_words(case_id, words_from(language, draft.words))
    text.written_by = joined(text.written_by, *draft.written_by)
    text.made_from = draft.made_from
    keep(case_id, language, draft.words, draft.written_by, now)
    detail = {"language": language, "fields": changed, "written by": draft.written_by}
    db.session.delete(draft)
    db.session.flush()
    audit.record(actor_of(organiser), "case text published", f"case {case_id}", detail, now)


def tells_story(draft: CaseDraft) -> bool:
    """Whether a draft brings readers words of the story that they do not see yet."""
    old, new = (
        saved_words(draft.case_id, draft.language),
        words_from(draft.language, draft.words),
    )
    story, statements = (old.story, old.statements) if old else ("", ())
    return bool((new.story and new.story != story) or set(new.statements) - set(statements))


def discard_draft(case_id: int, language: str, *, seen: str, actor: str, now: datetime) -> None:
    """Throw away the changes that wait. Raises NotFound, ChangedMeanwhile."""
    case_for_writing(case_id)
    draft = waiting_draft(case_id, language)
    refuse_changed(seen, shown_changes(draft))
    detail = {"language": language, "written by": draft.written_by}
    db.session.delete(draft)
    db.session.flush()
    audit.record(actor, "draft discarded", f"case {case_id}", detail, now)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _statements(words: CaseWords) -> str:
    return "\n\n".join(f"{text} — {said_by}" for text, said_by in words.statements)
