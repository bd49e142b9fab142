"""Holding back claimed mails: reminders over their address's budgets, and the hourly limits.

Decided by the worker that has claimed them, in the transaction of the claim: the counters of a
large provider or of the whole site would make all who sign at once wait for each other. What is
held back waits for the next hour, in its order, and nothing is dropped; so a limit that is raised
or taken away holds from the next hour on.

News is the lowest lane: it has a share of each hour, so that whoever signs meanwhile gets through,
and waits for the next day where its address has had its mails of today.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from petitions.domain import relief
from petitions.domain.budgets import Budgets, places_left, spend, take_places
from petitions.domain.day_keys import day_key
from petitions.extensions import db
from petitions.models import Case, News, NewsState, Petition
from petitions.vault import KeyRing

GAP, REMINDER, BUSY_NETWORK = "gap", "reminder", "busy network"
DOMAIN_LIMIT, SITE_LIMIT = "domain limit", "site limit"
NEWS_PAUSED, NEWS_SHARE, NEWS_GIVES_WAY = "news paused", "news share", "news gives way"
CASE_HIDDEN = "case hidden"
"""The words that stand in a mail's row for why it waits."""
OVER_BUDGET = "over budget"
LOOKS_AGAIN_AFTER = timedelta(minutes=5)
"""When paused news, and what leads to a hidden case, is looked at again; resuming news lets its
mails go at once."""


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed mail, and what it has passed already. The address is canonical."""

    id: int
    petition_id: int | None
    budgeted: bool
    paced: bool
    address: str = field(repr=False)
    news_id: int | None = None

    @property
    def domain(self) -> str:
        """What stands behind the @; aliases of a provider count as one."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Held:
    """Why a mail does not go now, and when it may; never, where `until` is None.

    `counted` is whether its address's budgets have counted it.
    """

    why: str
    until: datetime | None
    counted: bool = True


def hold_back(
    budgets: Budgets, keyring: KeyRing, due: Sequence[Due], now: datetime
) -> dict[int, Held]:
    """Return which of these mails are not to go now; the others have taken their places."""
    held = _paused(due, now)
    asking = [mail for mail in due if mail.id not in held]
    held |= _over_budget(budgets, keyring, (mail for mail in asking if not mail.budgeted), now)
    going = [mail for mail in asking if not mail.paced and mail.id not in held]
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    news = [mail for mail in going if mail.news_id is not None]
    over = _over_share(budgets, keyring, news, now)
    held |= {mail.id: Held(NEWS_SHARE, next_hour) for mail in over}
    going = [mail for mail in going if mail.id not in held]
    if budgets.per_domain_and_hour:
        over = _over_domain(budgets.per_domain_and_hour, keyring, going, now)
        held |= {mail.id: Held(DOMAIN_LIMIT, next_hour) for mail in over}
        going = [mail for mail in going if mail.id not in held]
    if budgets.per_hour and going:
        places = take_places(keyring, "all", len(going), budgets.per_hour, now)
        held |= {mail.id: Held(SITE_LIMIT, next_hour) for mail in going[places:]}
    return held


def _paused(due: Sequence[Due], now: datetime) -> dict[int, Held]:
    """Hold what leads to a case that is hidden, and news that is paused."""
    later = now + LOOKS_AGAIN_AFTER
    about = {mail.petition_id for mail in due if mail.petition_id is not None}
    query = select(Petition.id).join(Case, Case.id == Petition.case_id)
    query = query.where(Petition.id.in_(about), Case.hidden_at.is_not(None))
    hidden = set(db.session.execute(query).scalars()) if about else set()
    held = {
        mail.id: Held(CASE_HIDDEN, later, counted=mail.budgeted)
        for mail in due
        if mail.petition_id in hidden and mail.news_id is None
    }
    return held | _paused_news(due, now)


def _paused_news(due: Sequence[Due], now: datetime) -> dict[int, Held]:
    ids = {mail.news_id for mail in due if mail.news_id is not None}
    if not ids:
        return {}
    if relief.gives_way(relief.Lane.NEWS):
        waits = Held(NEWS_GIVES_WAY, now + LOOKS_AGAIN_AFTER, counted=False)
        return {mail.id: waits for mail in due if mail.news_id in ids}
    query = (
        select(News.id)
        .join(Petition, Petition.id == News.petition_id)
        .join(Case, Case.id == Petition.case_id)
        .where(News.id.in_(ids), News.state != NewsState.PAUSED, Case.hidden_at.is_(None))
    )
    going = set(db.session.execute(query).scalars())
    later = Held(NEWS_PAUSED, now + LOOKS_AGAIN_AFTER, counted=False)
    return {mail.id: later for mail in due if mail.news_id in ids - going}


def _over_share(
    budgets: Budgets, keyring: KeyRing, news: Sequence[Due], now: datetime
) -> list[Due]:
    """Return the news beyond its share of this hour, in all and of each domain.

    It is looked up and not taken: whatever is held back here uses up nobody's place.
    """
    if not budgets.news_share:
        return list(news)
    by_domain: dict[str, list[Due]] = defaultdict(list)
    for mail in news:
        by_domain[mail.domain].append(mail)
    over: list[Due] = []
    if budgets.per_domain_and_hour:
        for domain, wanting in by_domain.items():
            most = _share(budgets, budgets.per_domain_and_hour)
            over += wanting[places_left(keyring, f"@{domain}", most, now) :]
    if budgets.per_hour:
        going = [mail for mail in news if mail not in over]
        over += going[places_left(keyring, "all", _share(budgets, budgets.per_hour), now) :]
    return over


def _share(budgets: Budgets, most: int) -> int:
    return max(1, most * budgets.news_share // 100)


def _over_budget(
    budgets: Budgets, keyring: KeyRing, mails: Iterable[Due], now: datetime
) -> dict[int, Held]:
    held = {}
    today = day_key(keyring, now)
    for mail in sorted(mails, key=lambda mail: mail.address):  # one order for all workers
        allowance = spend(budgets, keyring, mail.address, mail.petition_id, now, today=today)
        if not allowance.allowed and mail.news_id is not None:
            held[mail.id] = Held(OVER_BUDGET, _tomorrow(now), counted=False)
        elif not allowance.allowed:
            held[mail.id] = Held(OVER_BUDGET, None)
        elif allowance.not_before > now:
            held[mail.id] = Held(GAP, allowance.not_before)
    return held


def _over_domain(most: int, keyring: KeyRing, mails: Sequence[Due], now: datetime) -> list[Due]:
    by_domain: dict[str, list[Due]] = defaultdict(list)
    for mail in mails:
        by_domain[mail.domain].append(mail)
    over: list[Due] = []
    for domain, wanting in sorted(by_domain.items()):  # one order for all workers
        places = take_places(keyring, f"@{domain}", len(wanting), most, now)
        over += wanting[places:]
    return over


def _tomorrow(now: datetime) -> datetime:
    """Return when the budgets of the next day begin."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
