"""News going out: started, paused, resumed, stopped for good; and what became of it.

Nobody is queued here: a worker does that at the pace that was set (`news_feeding`), for a sealed
case a process of its own (`unlocked_news`). Mails of paused news that are in the outbox already
wait there.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, update

from petitions.domain import audit, outbox
from petitions.domain.case_finding import refuse_own_text
from petitions.domain.case_keys import is_sealed
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.news import news_for_writing, shown_texts, subject_of
from petitions.domain.news_audience import audience_of, languages_written, wants_news
from petitions.domain.pacing import NEWS_PAUSED
from petitions.domain.unlocking import Unlocked
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Case,
    Mail,
    MailState,
    News,
    NewsState,
    Organiser,
    Petition,
    PetitionState,
    Signature,
)

INTERRUPTED = "interrupted"
NO_KEY = "no key"
FAILED = "failed"
"""Why news pauses by itself: its process ended, addresses do not open, something went wrong."""
STOPPED_WORD = "the news was stopped"


@dataclass(slots=True)
class Report:
    """What became of news so far. `left` is how many wanted no more news after they had got it."""

    wanted: int = 0
    """How many are still to be queued."""
    waiting: int = 0
    sent: int = 0
    came_back: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    left: int = 0

    @property
    def final(self) -> int:
        """How many need nothing more."""
        return self.sent + self.failed.total() + self.withheld.total()

    @property
    def total(self) -> int:
        """All that it is for."""
        return self.final + self.waiting + self.wanted


def start(news_id: int, *, seen: str, organiser: Organiser, now: datetime) -> News:
    """Let news go out to all who want it now; of a sealed case once its process runs.

    Raises NotFound, ChangedMeanwhile where the texts are others than those looked at, Refused:
    "sent already", "nothing written", "no such text" (for those without one in their language),
    "own text", "hidden", "not published", "another goes out", "nobody wants it".
    """
    news = news_for_writing(news_id)
    if news.state is not NewsState.DRAFT:
        raise Refused("sent already")
    refuse_changed(seen, shown_texts(news_id))
    texts = languages_written(news_id)
    if not texts:
        raise Refused("nothing written")
    if news.fallback_language is not None and news.fallback_language not in texts:
        raise Refused("no such text", "fallback_language")
    refuse_own_text(news.written_by, organiser)
    _refuse_unreadable(news)
    under_way = select(News.id).where(
        News.petition_id == news.petition_id,
        News.state.in_((NewsState.SENDING, NewsState.PAUSED)),
    )
    if db.session.execute(under_way).first():
        raise Refused("another goes out")
    number = audience_of(news).number
    if not number:
        raise Refused("nobody wants it")
    last = select(func.max(Signature.id)).where(Signature.petition_id == news.petition_id)
    news.last_seen = db.session.execute(last).scalar_one_or_none() or 0
    news.state, news.started_at, news.started_by = NewsState.SENDING, now, organiser.id
    news.fed_at = now
    _pause_where_sealed(news)
    detail = {"petition": news.petition_id, "signers": number, "per_hour": news.per_hour}
    audit.record(f"organiser {organiser.id}", "news started", subject_of(news), detail, now)
    return news


def pause(news_id: int, actor: str, now: datetime, because: str | None = None) -> News:
    """Let no more mails go until it is resumed. Raises NotFound, Refused("not going out")."""
    news = news_for_writing(news_id)
    if news.state is not NewsState.SENDING:
        raise Refused("not going out")
    news.state, news.paused_because = NewsState.PAUSED, because
    news.claimed_by = news.claimed_until = None
    db.session.flush()
    audit.record(actor, "news paused", subject_of(news), {"because": because or ""}, now)
    return news


def resume(news_id: int, actor: str, now: datetime, unlocked: Unlocked | None = None) -> News:
    """Go on after a pause; a sealed case has to be unlocked for it.

    Raises NotFound, Refused: "not paused", "sealed", "hidden".
    """
    news = news_for_writing(news_id)
    if news.state is not NewsState.PAUSED:
        raise Refused("not paused")
    _refuse_unreadable(news)
    if unlocked is None and is_sealed(db.session.get_one(Petition, news.petition_id).case_id):
        raise Refused("sealed")
    news.state, news.paused_because, news.fed_at = NewsState.SENDING, None, now
    waiting = update(Mail).where(Mail.news_id == news_id, Mail.state == MailState.WAITING)
    held = waiting.where(Mail.held == NEWS_PAUSED)
    db.session.execute(held.values(not_before=now, held=None))
    db.session.flush()
    audit.record(actor, "news resumed", subject_of(news), {}, now)
    return news


def stop(news_id: int, actor: str, now: datetime) -> News:
    """End it for good, cancel what waits, and take its page down. Repeating it changes nothing.

    Raises NotFound, Refused("not started").
    """
    news = news_for_writing(news_id)
    if news.state is NewsState.DRAFT:
        raise Refused("not started")
    if news.state is NewsState.STOPPED:
        return news
    news.state, news.finished_at, news.paused_because = NewsState.STOPPED, now, None
    news.claimed_by = news.claimed_until = None
    db.session.flush()
    outbox.cancel_news(news_id, STOPPED_WORD, now)
    audit.record(actor, "news stopped", subject_of(news), {}, now)
    return news


def report_of(news: News) -> Report:
    """Say what became of news so far; mails to organisers who tried it are in no number."""
    report = Report()
    query = select(Mail.state, Mail.outcome, func.count()).where(
        Mail.news_id == news.id, Mail.organiser_id.is_(None)
    )
    for state, outcome, number in db.session.execute(query.group_by(Mail.state, Mail.outcome)):
        if state is MailState.WAITING:
            report.waiting += number
        elif state is MailState.SENT:
            report.sent += number
            if outcome:
                report.came_back[outcome] += number
        else:
            kept = report.failed if state is MailState.FAILED else report.withheld
            kept[outcome or ""] += number
    if news.state in {NewsState.SENDING, NewsState.PAUSED}:
        beyond = Signature.id > news.cursor, Signature.id <= news.last_seen
        rest = select(func.count()).where(wants_news(news.petition_id), *beyond)
        report.wanted = db.session.execute(rest).scalar_one()
    if news.started_at is not None:
        report.left = _left(news.id, news.started_at)
    return report


def _left(news_id: int, since: datetime) -> int:
    got = select(Mail.signature_id).where(Mail.news_id == news_id, Mail.state == MailState.SENT)
    query = select(func.count()).where(Signature.id.in_(got), Signature.news_ended_at >= since)
    return db.session.execute(query).scalar_one()


def _pause_where_sealed(news: News) -> None:
    """Of a sealed case nobody can queue anything before it is unlocked."""
    if is_sealed(db.session.get_one(Petition, news.petition_id).case_id):
        news.state = NewsState.PAUSED
    db.session.flush()


def _refuse_unreadable(news: News) -> None:
    petition = db.session.get_one(Petition, news.petition_id)
    case = db.session.get_one(Case, petition.case_id)
    if case.hidden_at is not None:
        raise Refused("hidden")
    if petition.state in {PetitionState.DRAFT, PetitionState.ARCHIVED} or not case.published_at:
        raise Refused("not published")
