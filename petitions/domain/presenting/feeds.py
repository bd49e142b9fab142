"""What happened, newest first: published updates of one case or of all, for feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.models import Case, CaseUpdate, UpdateKind, UpdateText

MOST = 50


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One published update. `text` is Markdown; pulled statements are not in it."""

    case_slug: str
    position: int
    kind: UpdateKind
    published_at: datetime
    language: str
    title: str
    text: str


def feed_lines(wishes: Sequence[str], *, case_id: int | None = None) -> tuple[FeedLine, ...]:
    """Return the newest published updates of public cases, each in the reader's best language."""
    newest = (
        select(CaseUpdate.id)
        .join(Case, Case.id == CaseUpdate.case_id)
        .where(CaseUpdate.published_at.is_not(None))
        .where(Case.published_at.is_not(None), Case.hidden_at.is_(None))
        .order_by(CaseUpdate.published_at.desc(), CaseUpdate.id.desc())
        .limit(MOST)
    )
    if case_id is not None:
        newest = newest.where(Case.id == case_id)
    query = (
        select(CaseUpdate, Case, UpdateText)
        .join(Case, Case.id == CaseUpdate.case_id)
        .join(UpdateText, UpdateText.update_id == CaseUpdate.id)
        .where(CaseUpdate.id.in_(newest))
        .order_by(CaseUpdate.published_at.desc(), CaseUpdate.id.desc())
    )
    found: dict[int, tuple[CaseUpdate, Case, dict[str, UpdateText]]] = {}
    for update, case, text in db.session.execute(query):
        found.setdefault(update.id, (update, case, {}))[2][text.language] = text
    return tuple(_line(*one, wishes) for one in found.values())


def _line(
    update: CaseUpdate, case: Case, texts: dict[str, UpdateText], wishes: Sequence[str]
) -> FeedLine:
    text = texts[pick(wishes, texts, case.source_language)]
    assert update.published_at is not None  # noqa: S101  # nosec B101  # the query's own condition
    return FeedLine(
        case_slug=case.slug,
        position=update.position,
        kind=update.kind,
        published_at=update.published_at,
        language=text.language,
        title=text.title,
        text=text.text,
    )
