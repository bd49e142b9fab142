"""Putting news into the outbox: a few signers at a time, at the pace that was set.

A transaction queues some mails and moves the cursor past their signatures, so a killed worker
leaves nothing half done, and any other goes on at once; the outbox holds each signature's news
once. What is in the outbox at any moment is what the next minute sends: addresses lie there for
as long as that alone. Whoever is to be queued is looked for, and their addresses are opened,
without a lock.

News is the lowest lane: nothing is queued while mails to people who sign wait for the relay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from petitions.domain import audit, outbox
from petitions.domain.case_keys import SERVER
from petitions.domain.day_keys import upsert
from petitions.domain.mailboxes import second_place
from petitions.domain.news import subject_of
from petitions.domain.news_audience import languages_written, text_language, wants_news
from petitions.domain.sealing import Opener, address_context, opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing
from petitions.extensions import db
from petitions.models import (
    Case,
    CaseKey,
    Mail,
    MailKind,
    MailState,
    News,
    NewsState,
    Petition,
    Signature,
    Suppression,
)

AT_ONCE = 200
"""How many mails are queued in one transaction, and how many may wait in the outbox, twice."""
WINDOW = timedelta(seconds=60)
"""A worker that was away does not make up for more than this."""
BEHIND = timedelta(seconds=30)
"""Mails of people who sign that wait longer than this keep news from being queued."""
SAME_MAILBOX = "the same mailbox got it"
CLOSED = "the address does not open"


@dataclass(frozen=True, slots=True)
class Letter:
    """One signer to be written to; `why_not` where they are not, after all."""

    signature_id: int
    language: str
    address: str = field(repr=False)
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What is to be queued next of news, from where to where, and up to when its pace is used."""

    news_id: int
    petition_id: int
    begins_after: int
    reaches: int
    letters: Sequence[Letter]
    fed_at: datetime
    is_last: bool


def going_out() -> list[int]:
    """Return the news that goes out and that no custodian is needed for. Only reads."""
    query = _going_out().join(CaseKey, CaseKey.case_id == Case.id)
    query = query.where(CaseKey.mode == SERVER).order_by(News.id)
    return list(db.session.execute(query).scalars())


def next_feed(site: Site, news_id: int, now: datetime) -> Feed | None:
    """Return what is to be queued of news now, or None. Only reads.

    Raises KeyMissing where the addresses of its case do not open in this site.
    """
    found = db.session.execute(_going_out().where(News.id == news_id)).scalar_one_or_none()
    if found is None:
        return None
    news = db.session.get_one(News, news_id, populate_existing=True)
    number, fed_at = _due(news, now)
    if number and not _is_behind(now) and _waiting(news.id) < 2 * AT_ONCE:
        return _feed(site, news, number, fed_at)
    return None


def feed(site: Site, wanted: Feed, now: datetime) -> bool:
    """Queue it in the transaction under way; return whether it was still to be done."""
    query = select(News).where(News.id == wanted.news_id).with_for_update()
    news = db.session.execute(query.execution_options(populate_existing=True)).scalar_one()
    if (news.state, news.cursor) != (NewsState.SENDING, wanted.begins_after):
        return False  # paused, or another worker was faster
    rows = _rows(site, wanted, now)
    if rows:
        statement = upsert(Mail).on_conflict_do_nothing(
            index_elements=["news_id", "signature_id"], index_where=Mail.news_id.is_not(None)
        )
        db.session.execute(statement, rows)
    news.cursor, news.fed_at = wanted.reaches, wanted.fed_at
    if wanted.is_last:
        news.state, news.finished_at = NewsState.DONE, now
        news.claimed_by = news.claimed_until = None
        db.session.flush()
        detail = {"petition": news.petition_id}
        audit.record("worker", "news queued to the last", subject_of(news), detail, now)
    db.session.flush()
    return True


def _going_out() -> Select[int]:
    return (
        select(News.id)
        .join(Petition, Petition.id == News.petition_id)
        .join(Case, Case.id == Petition.case_id)
        .where(News.state == NewsState.SENDING, Case.hidden_at.is_(None))
    )


def _due(news: News, now: datetime) -> tuple[int, datetime]:
    """Return how many the pace lets go now, and up to when it is used up then."""
    since = max(news.fed_at or now, now - WINDOW)
    number = int((now - since).total_seconds() * news.per_hour / 3600)
    number = min(number, AT_ONCE)
    return number, since + timedelta(seconds=number * 3600 / news.per_hour)


def _is_behind(now: datetime) -> bool:
    """Whether mails of people who sign have waited for a while for the relay or a worker."""
    overdue: ColumnElement[bool] = Mail.not_before <= now - BEHIND
    query = select(Mail.id).where(
        Mail.state == MailState.WAITING, overdue, Mail.kind != MailKind.NEWS
    )
    return db.session.execute(query.limit(1)).first() is not None


def _waiting(news_id: int) -> int:
    query = select(func.count()).where(Mail.state == MailState.WAITING, Mail.news_id == news_id)
    return db.session.execute(query).scalar_one()


def _feed(site: Site, news: News, number: int, fed_at: datetime) -> Feed:
    rows = _wanting(news, number)
    case_id = db.session.get_one(Petition, news.petition_id).case_id
    opener = opener_for(case_id, site.keyring)
    texts = languages_written(news.id)
    letters = []
    for row in rows:
        if text_language(row.language, texts, news.fallback_language) is not None:
            letters.append(_letter(opener, row))
    letters += [
        Letter(second, "", "", SAME_MAILBOX)
        for second in _seconds(news, [row.lookup for row in rows])
    ]
    is_last = len(rows) < number
    reaches = news.last_seen if is_last else rows[-1].id
    return Feed(news.id, news.petition_id, news.cursor, reaches, letters, fed_at, is_last)


def _wanting(news: News, number: int) -> list[Signature]:
    """Return the next signers who want news, but for those who are looked after already."""
    has_one = select(Mail.id).where(Mail.news_id == news.id, Mail.signature_id == Signature.id)
    query = (
        select(Signature)
        .where(wants_news(news.petition_id), ~has_one.exists())
        .where(Signature.id > news.cursor, Signature.id <= news.last_seen)
        .order_by(Signature.id)
        .limit(number)
    )
    return list(db.session.execute(query).scalars())


def _letter(opener: Opener, row: Signature) -> Letter:
    assert row.address_sealed is not None  # noqa: S101  # nosec B101  # asked for above
    context = address_context(row.petition_id, row.order_number)
    try:
        plain = opener.bytes(row.data_key_id or 0, row.address_sealed, context)
    except (CannotOpen, KeyMissing):
        return Letter(row.id, row.language, "", CLOSED)
    return Letter(row.id, row.language, plain.decode().rstrip())


def _seconds(news: News, lookups: Sequence[bytes | None]) -> list[int]:
    """Return the signers who share a mailbox with one of these: one mail is enough."""
    places = [second_place(lookup) for lookup in lookups if lookup is not None]
    query = select(Signature.id).where(
        wants_news(news.petition_id), Signature.id <= news.last_seen, Signature.lookup.in_(places)
    )
    return list(db.session.execute(query).scalars())


def _rows(site: Site, wanted: Feed, now: datetime) -> list[dict[str, object]]:
    """Return the rows of mails: waiting, or final where one is not to be written to."""
    keys = {
        one.signature_id: outbox.suppression_key(site, one.address)
        for one in wanted.letters
        if one.address
    }
    known = select(Suppression.key, Suppression.reason)
    known = known.where(Suppression.key.in_(list(keys.values())))
    suppressed = {bytes(key): reason for key, reason in db.session.execute(known)}
    rows = []
    for one in wanted.letters:
        row = outbox.waiting_row(site, one.address, now, now) | {
            "kind": MailKind.NEWS,
            "petition_id": wanted.petition_id,
            "signature_id": one.signature_id,
            "news_id": wanted.news_id,
            "language": one.language,
            "budgeted": False,
        }
        why = one.why_not or outbox.word_for(suppressed.get(keys.get(one.signature_id, b"")))
        if why:
            state = MailState.FAILED if why == CLOSED else MailState.WITHHELD
            row |= outbox.final_row(state, why, now)
        rows.append(row)
    return rows
