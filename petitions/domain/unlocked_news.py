"""News of a sealed case: a custodian's passphrase opens its addresses for one sending, in memory.

A process of its own is handed the key and feeds the outbox at the pace that was set, so that at
any moment it holds the addresses of the next minute alone. It ends when all are queued, when the
news is paused, and with the web server that began it; then somebody has to unlock again.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from petitions.domain import news_sending
from petitions.domain.case_keys import SEALED
from petitions.domain.news import news_for_writing, subject_of
from petitions.domain.site import Site
from petitions.domain.unlocking import Unlocked, note_unlocking, unlocked_site
from petitions.extensions import db
from petitions.models import CaseKey, News, NewsState, Petition

STARTS_WITHIN = timedelta(seconds=60)
LEASE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Handover:
    """What the process is handed, through a pipe: never kept, never an argument."""

    news_id: int
    case_id: int
    custodian_id: int
    worker: str
    private_key: bytes = field(repr=False)

    def line(self) -> bytes:
        """Return it as one line for the pipe."""
        told = [self.news_id, self.case_id, self.custodian_id, self.worker, self.private_key.hex()]
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> "Handover":
        """Invert `line`."""
        news_id, case_id, custodian_id, worker, private_key = json.loads(line)
        return cls(news_id, case_id, custodian_id, worker, bytes.fromhex(private_key))

    def site(self, site: Site) -> Site:
        """Return a site in which the case is open."""
        return unlocked_site(site, Unlocked(self.case_id, self.custodian_id, self.private_key))


def begin(news_id: int, unlocked: Unlocked, *, organiser_id: int, now: datetime) -> Handover:
    """Let paused news of a sealed case go on; return what its process is to be handed.

    Raises NotFound, Refused as `news_sending.resume`.
    """
    news = news_for_writing(news_id)
    if db.session.get_one(Petition, news.petition_id).case_id != unlocked.case_id:
        raise ValueError("another case was unlocked")
    actor = f"organiser {organiser_id}"
    if is_abandoned(news, now):
        news_sending.pause(news_id, actor, now, news_sending.INTERRUPTED)
    news_sending.resume(news_id, actor, now, unlocked)
    note_unlocking(unlocked, subject_of(news), actor, now)
    news.claimed_by = f"unlocked-{secrets.token_hex(8)}"
    news.claimed_until = now + STARTS_WITHIN
    db.session.flush()
    key = unlocked.private_key
    return Handover(news_id, unlocked.case_id, unlocked.custodian_id, news.claimed_by, key)


def renew(news_id: int, worker: str, now: datetime) -> bool:
    """Extend the lease; return whether the news is still this process's to send."""
    held = update(News).where(
        News.id == news_id, News.claimed_by == worker, News.state == NewsState.SENDING
    )
    renewed = held.values(claimed_until=now + LEASE).returning(News.id)
    found = db.session.execute(renewed.execution_options(synchronize_session=False))
    return found.one_or_none() is not None


def let_go(news_id: int, worker: str, now: datetime) -> None:
    """Pause news whose process has ended, unless it was done or another one has it."""
    news = news_for_writing(news_id)
    if news.state is NewsState.SENDING and news.claimed_by == worker:
        news_sending.pause(news_id, "worker", now, news_sending.INTERRUPTED)


def abandoned(now: datetime) -> list[int]:
    """Return the news of sealed cases that no process sends: killed, or sealed meanwhile."""
    query = (
        select(News.id)
        .join(Petition, Petition.id == News.petition_id)
        .join(CaseKey, CaseKey.case_id == Petition.case_id)
        .where(News.state == NewsState.SENDING, CaseKey.mode == SEALED)
        .where(or_(News.claimed_until.is_(None), News.claimed_until <= now))
    )
    return list(db.session.execute(query).scalars())


def is_abandoned(news: News, now: datetime) -> bool:
    """Whether news of a sealed case is on record as going out, and no process sends it."""
    return news.state is NewsState.SENDING and (news.claimed_until or now) <= now
