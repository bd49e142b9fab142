"""News to signers, while it is written: texts by language, what is missing, throwing it away.

Who gets it is told by `news_audience`, how it goes out by `news_sending` and `news_feeding`. A mail
only says that there is news; the text stands on a page behind the link in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from petitions.domain import audit
from petitions.domain.case_texts import languages_of
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    Case,
    CaseUpdate,
    Mail,
    MailState,
    News,
    NewsState,
    NewsText,
    Organiser,
    Petition,
    PetitionState,
    UpdateText,
)

PER_HOUR = 3600
"""Mails an hour, where nobody says another pace."""
MOST_PER_HOUR = 100_000
_TELLS = frozenset({PetitionState.OPEN, PetitionState.PAUSED, PetitionState.CLOSED})
_TELLS_TOO = _TELLS | {PetitionState.STOPPED}
"""A stop action is news, too."""


def news_numbered(news_id: int) -> News:
    """Return news. Raises NotFound."""
    found = db.session.get(News, news_id)
    if found is None:
        raise NotFound("no such news")
    return found


def news_for_writing(news_id: int) -> News:
    """Return news that nobody else can change until the transaction ends. Raises NotFound."""
    query = select(News).where(News.id == news_id).with_for_update()
    found = db.session.execute(query.execution_options(populate_existing=True))
    news = found.scalar_one_or_none()
    if news is None:
        raise NotFound("no such news")
    return news


def all_news(petition_id: int | None = None) -> list[News]:
    """Return the news of a petition or of all, newest first."""
    query = select(News).order_by(News.id.desc())
    if petition_id is not None:
        query = query.where(News.petition_id == petition_id)
    return list(db.session.execute(query).scalars())


def texts_of(news_id: int) -> dict[str, NewsText]:
    """Return what news says, by language."""
    query = select(NewsText).where(NewsText.news_id == news_id).order_by(NewsText.language)
    return {text.language: text for text in db.session.execute(query).scalars()}


def shown_texts(news_id: int) -> Mapping[str, Any]:
    """Return what whoever sends it looks at: all of its texts, for a fingerprint."""
    return {tag: values_of(text) for tag, text in texts_of(news_id).items()}


def values_of(text: NewsText | None) -> dict[str, Any]:
    """Return what a form is filled with."""
    return {"title": text.title if text else "", "text": text.text if text else ""}


def begin(
    petition: Petition, organiser: Organiser, now: datetime, update_id: int | None = None
) -> News:
    """Begin news, empty or with the words of a published update in all its languages.

    Raises NotFound, Refused: "not published" where no reader can see the petition.
    """
    if petition.state not in _TELLS_TOO:
        raise Refused("not published")
    news = News(
        petition_id=petition.id,
        state=NewsState.DRAFT,
        per_hour=PER_HOUR,
        created_by=organiser.id,
        created_at=now,
        written_by=[],
    )
    db.session.add(news)
    db.session.flush()
    if update_id is not None:
        _take_words(news, petition, update_id)
    case = db.session.get_one(Case, petition.case_id)
    news.fallback_language = case.source_language
    db.session.flush()
    _record(news, "news begun", f"organiser {organiser.id}", {"petition": petition.id}, now)
    return news


def write_text(
    news_id: int,
    language: str,
    *,
    title: str,
    text: str,
    seen: str,
    organiser: Organiser,
    now: datetime,
) -> News:
    """Write what news says in a language; empty, it says nothing in it.

    Raises NotFound, ChangedMeanwhile, Refused: "no title", "no text", "sent already".
    """
    news = _draft(news_id)
    there = texts_of(news_id).get(language)
    refuse_changed(seen, values_of(there))
    if not title and not text:
        return _without(news, there, organiser, now)
    if not title:
        raise Refused("no title", "title")
    if not text:
        raise Refused("no text", "text")
    if there is None:
        there = NewsText(news_id=news_id, language=language)
        db.session.add(there)
    there.title, there.text = title, text
    _sign_for(news, organiser)
    _record(news, "news written", f"organiser {organiser.id}", {"language": language}, now)
    return news


def set_up(
    news_id: int, *, per_hour: int, fallback_language: str | None, actor: str, now: datetime
) -> News:
    """Choose the pace, and what signers get in whose language nothing is written.

    The pace can be changed while it goes out. Raises NotFound, Refused: "pace", "no such text".
    """
    news = news_for_writing(news_id)
    if news.finished_at is not None:
        raise Refused("sent already")
    if not 0 < per_hour <= MOST_PER_HOUR:
        raise Refused("pace", "per_hour")
    if news.state is not NewsState.DRAFT:
        fallback_language = news.fallback_language
    elif fallback_language is not None and fallback_language not in texts_of(news_id):
        raise Refused("no such text", "fallback_language")
    before = {"per_hour": news.per_hour, "fallback_language": news.fallback_language}
    after = {"per_hour": per_hour, "fallback_language": fallback_language}
    if before == after:
        return news
    news.per_hour, news.fallback_language = per_hour, fallback_language
    db.session.flush()
    _record(news, "news set up", actor, {"before": before, "after": after}, now)
    return news


def discard(news_id: int, actor: str, now: datetime) -> int:
    """Throw a draft away; return its petition. Raises NotFound, Refused("sent already")."""
    news = _draft(news_id)
    petition_id = news.petition_id
    tests = update(Mail).where(Mail.news_id == news_id)
    waiting = tests.where(Mail.state == MailState.WAITING)
    ended = {"state": MailState.CANCELLED, "outcome": "the draft is discarded", "final_at": now}
    gone = {"address_sealed": None, "claimed_by": None, "claimed_until": None}
    db.session.execute(waiting.values(ended | gone))
    db.session.execute(tests.values(news_id=None))
    _record(news, "news discarded", actor, {"petition": petition_id}, now)
    for text in texts_of(news_id).values():
        db.session.delete(text)
    db.session.flush()
    db.session.delete(news)
    db.session.flush()
    return petition_id


def languages_to_write(news: News) -> list[str]:
    """Return the languages that news is offered to be written in: those of its case first."""
    petition = db.session.get_one(Petition, news.petition_id)
    case = db.session.get_one(Case, petition.case_id)
    return list(
        dict.fromkeys([*(line.language for line in languages_of(case)), *texts_of(news.id)])
    )


def published_updates(case_id: int) -> list[tuple[CaseUpdate, dict[str, str]]]:
    """Return the published updates of a case with their titles by language, newest first."""
    query = select(CaseUpdate).where(
        CaseUpdate.case_id == case_id, CaseUpdate.published_at.is_not(None)
    )
    updates = db.session.execute(query.order_by(CaseUpdate.position.desc())).scalars().all()
    texts = select(UpdateText).where(UpdateText.update_id.in_([one.id for one in updates]))
    titles: dict[int, dict[str, str]] = {}
    for text in db.session.execute(texts).scalars():
        titles.setdefault(text.update_id, {})[text.language] = text.title
    return [(one, titles.get(one.id, {})) for one in updates]


def subject_of(news: News) -> str:
    """Return how the audit trail calls news."""
    return f"news {news.id}"


def _take_words(news: News, petition: Petition, update_id: int) -> None:
    found = db.session.get(CaseUpdate, update_id)
    if found is None or found.case_id != petition.case_id or found.published_at is None:
        raise NotFound("no such update")
    news.written_by = list(found.written_by)
    query = select(UpdateText).where(UpdateText.update_id == update_id)
    for text in db.session.execute(query).scalars():
        if text.title and text.text:
            row = NewsText(language=text.language, title=text.title, text=text.text)
            row.news_id = news.id
            db.session.add(row)
    db.session.flush()


def _without(news: News, there: NewsText | None, organiser: Organiser, now: datetime) -> News:
    if there is None:
        raise Refused("no title", "title")
    language = there.language
    db.session.delete(there)
    if news.fallback_language == language:
        news.fallback_language = None
    _sign_for(news, organiser)
    detail = {"language": language}
    _record(news, "news language removed", f"organiser {organiser.id}", detail, now)
    return news


def _sign_for(news: News, organiser: Organiser) -> None:
    if organiser.id not in news.written_by:
        news.written_by = [*news.written_by, organiser.id]
    db.session.flush()


def _draft(news_id: int) -> News:
    news = news_for_writing(news_id)
    if news.state is not NewsState.DRAFT:
        raise Refused("sent already")
    return news


def _record(
    news: News, action: str, actor: str, detail: Mapping[str, object], now: datetime
) -> None:
    audit.record(actor, action, subject_of(news), detail, now)
