"""News as signers read it, behind the link in their mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from petitions.domain.news import texts_of
from petitions.domain.petitions import public_petition
from petitions.domain.presenting.petition_titles import titled_petitions
from petitions.domain.presenting.wording import pick
from petitions.errors import TokenExpired
from petitions.extensions import db
from petitions.models import Case, News, NewsState, Petition


@dataclass(frozen=True, slots=True)
class NewsPage:
    """News in one language, and where it belongs."""

    language: str
    languages: tuple[str, ...]
    title: str
    text: str
    told_at: datetime | None
    petition_slug: str
    petition_title: str
    petition_language: str
    case_slug: str


def news_page(news_id: int, wishes: Sequence[str]) -> NewsPage:
    """Return news for a reader. Raises TokenExpired where it is gone or taken down, CaseHidden."""
    news = db.session.get(News, news_id)
    if news is None or news.state is NewsState.STOPPED:
        raise TokenExpired([news_id])
    petition = db.session.get_one(Petition, news.petition_id)
    public_petition(petition.slug)
    texts = texts_of(news.id)
    if not texts:
        raise TokenExpired([news_id])
    case = db.session.get_one(Case, petition.case_id)
    language = pick(wishes, texts, news.fallback_language or case.source_language)
    [titled] = titled_petitions(wishes, petition.id)
    return NewsPage(
        language=language,
        languages=tuple(texts),
        title=texts[language].title,
        text=texts[language].text,
        told_at=news.started_at,
        petition_slug=petition.slug,
        petition_title=titled.title,
        petition_language=titled.language,
        case_slug=case.slug,
    )
