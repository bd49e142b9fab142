"""Mail budgets: how often one address may be written to, decided in the signature's transaction.

The counters hold an HMAC of the address under a random key of the day; keys and counters of a day
are deleted after 48 hours. A mail over the gap waits; a mail over the number is withheld, and an
organiser can see that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Insert,
    Integer,
    Select,
    bindparam,
    case,
    delete,
    select,
    true,
)

from petitions.domain.day_keys import KeyOfDay, day_key, insert_of, kept_day_key
from petitions.domain.prepared import Prepared
from petitions.extensions import db
from petitions.models import DayKey, MailBudget
from petitions.vault import KeyRing, keyed_hash

KEPT_FOR = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Budgets:
    """Numbers for one address and UTC day; `gap` in seconds between two mails on one petition.

    Then how many mails may go in an hour of the clock to one domain and in all, 0 for any number;
    and after how many hours a signer is reminded once, 0 for never. `news_share` is how many of a
    hundred places of an hour news may take, 0 for none: then all news waits.
    """

    per_petition_and_day: int = 2
    per_day: int = 3
    gap: int = 600
    per_domain_and_hour: int = 20_000
    per_hour: int = 50_000
    reminder_hours: int = 48
    news_share: int = 50


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a mail may go, and from when on."""

    allowed: bool
    not_before: datetime


def spend(
    budgets: Budgets,
    keyring: KeyRing,
    address: str,
    petition_id: int | None,
    now: datetime,
    *,
    today: KeyOfDay,
    not_before: datetime | None = None,
) -> Allowance:
    """Count one mail to a canonical address, and say whether and when it may go.

    Mails of all kinds count alike; `petition_id` None is what concerns no petition. One that waits
    for another reason, until `not_before`, begins its gap then.
    """
    scope = "all" if petition_id is None else str(petition_id)
    begun = int(max(now, not_before or now).timestamp())
    earliest = max(begun, _gap_from_yesterday(keyring, address, scope, budgets, now))
    pair, next_at, every = _count_both(
        today.id,
        keyed_hash(today.key, address, scope),
        keyed_hash(today.key, address),
        budgets,
        earliest,
    )
    allowed = pair <= budgets.per_petition_and_day and every <= budgets.per_day
    return Allowance(allowed, datetime.fromtimestamp(next_at - budgets.gap, UTC))


def take_places(keyring: KeyRing, what: str, wanted: int, most: int, now: datetime) -> int:
    """Take places in this hour for mails of one domain or of all; return how many there were.

    The counter is one statement, so workers side by side never let more through. It lives and dies
    with the key of the day, whose hours it counts.
    """
    today = day_key(keyring, now)
    hour = now.astimezone(UTC).hour
    taken, _ = _count(today.id, keyed_hash(today.key, "hour", what, str(hour)), 0, 0, step=wanted)
    return min(wanted, max(0, most - (taken - wanted)))


def places_left(keyring: KeyRing, what: str, most: int, now: datetime) -> int:
    """Say how many of `most` places in this hour are not taken, and take none."""
    today = day_key(keyring, now)
    hour = now.astimezone(UTC).hour
    key = keyed_hash(today.key, "hour", what, str(hour))
    taken, _ = _counted(today.id, [key]).get(key, (0, 0))
    return max(0, most - taken)


def peek(
    budgets: Budgets, keyring: KeyRing, addresses: Sequence[str], petition_id: int, now: datetime
) -> list[Allowance]:
    """Say what `spend` would allow each canonical address now, and count nothing."""
    scope = str(petition_id)
    today = kept_day_key(keyring, now.astimezone(UTC).date())
    key = today.key if today else b""
    pairs = [keyed_hash(key, address, scope) for address in addresses]
    days = [keyed_hash(key, address) for address in addresses]
    counted = _counted(today.id, [*pairs, *days]) if today else {}
    begun = int(now.timestamp())
    nothing = (0, 0)
    allowances = []
    for index, address in enumerate(addresses):
        requested, next_at = counted.get(pairs[index], nothing)
        one = requested < budgets.per_petition_and_day
        allowed = one and counted.get(days[index], nothing)[0] < budgets.per_day
        yesterday = _gap_from_yesterday(keyring, address, scope, budgets, now)
        start = max(begun, next_at, yesterday)
        allowances.append(Allowance(allowed, datetime.fromtimestamp(start, UTC)))
    return allowances


def forget_old_days(now: datetime) -> int:
    """Delete keys and counters older than 48 hours; return how many days went."""
    oldest = (now - KEPT_FOR).date()
    db.session.execute(
        delete(MailBudget).where(
            MailBudget.day_key_id.in_(select(DayKey.id).where(DayKey.day < oldest))
        )
    )
    gone = db.session.execute(delete(DayKey).where(DayKey.day < oldest).returning(DayKey.id))
    return len(gone.all())


def _count(day_key_id: int, key: bytes, gap: int, moment: int, *, step: int = 1) -> tuple[int, int]:
    """Count one more, and return the number asked for today and the end of its gap (seconds)."""
    requested, next_at = _ONE_MORE.row(
        day_key_id=day_key_id, key=key, step=step, moment=moment, gap=gap, first=moment + gap
    )
    return requested, next_at


def _count_both(
    day_key_id: int, pair_key: bytes, every_key: bytes, budgets: Budgets, moment: int
) -> tuple[int, int, int]:
    """Count one more of an address on a petition, and of the address.

    Returns the number of the first and the end of its gap (seconds), and the number of the second.
    What the petition's number withholds does not use up the day: a stranger's repeated forms must
    not keep a signer from the link to their own signature. One statement for PostgreSQL, which is
    asked over a network. The second counter is always written.
    """
    most = budgets.per_petition_and_day
    if db.engine.dialect.name == "postgresql":
        counted: tuple[int, int, int] = _BOTH_MORE.row(
            day_key_id=day_key_id,
            key=pair_key,
            every_key=every_key,
            step=1,
            moment=moment,
            gap=budgets.gap,
            first=moment + budgets.gap,
            most=most,
        )
        return counted
    pair, next_at = _count(day_key_id, pair_key, budgets.gap, moment)
    every, _ = _count(day_key_id, every_key, 0, moment, step=int(pair <= most))
    return pair, next_at, every


def _both_more(dialect: str) -> Select[Any]:
    kept, pair = MailBudget.__table__.c, _one_more(dialect).cte("pair")
    moment = bindparam("moment", type_=BigInteger)
    row = select(
        bindparam("day_key_id", type_=kept.day_key_id.type),
        bindparam("every_key", type_=kept.key.type),
        case((pair.c.requested <= bindparam("most", type_=Integer), 1), else_=0),
        moment,
    )
    statement = insert_of(dialect, MailBudget).from_select(
        ["day_key_id", "key", "requested", "next_at"], row
    )
    every = (
        statement.on_conflict_do_update(
            index_elements=["day_key_id", "key"],
            set_={
                "requested": kept.requested + statement.excluded.requested,
                "next_at": case((kept.next_at > moment, kept.next_at), else_=moment),
            },
        )
        .returning(kept.requested)
        .cte("every")
    )
    return select(pair.c.requested, pair.c.next_at, every.c.requested).select_from(
        pair.join(every, true())
    )


_BOTH_MORE = Prepared(_both_more)


def _one_more(dialect: str) -> Insert:
    kept, moment = MailBudget.__table__.c, bindparam("moment", type_=BigInteger)
    step, gap = bindparam("step", type_=Integer), bindparam("gap", type_=BigInteger)
    starts = case((kept.next_at > moment, kept.next_at), else_=moment)
    row: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in ("day_key_id", "key")}
    row |= {"requested": step, "next_at": bindparam("first", type_=BigInteger)}
    statement: Insert = (
        insert_of(dialect, MailBudget)
        .values(row)
        .on_conflict_do_update(
            index_elements=["day_key_id", "key"],
            set_={"requested": kept.requested + step, "next_at": starts + gap},
        )
        .returning(kept.requested, kept.next_at)
    )
    return statement


_ONE_MORE = Prepared(_one_more)


def _counted(day_key_id: int, keys: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return what was asked for and the end of the gap, of those keys that have a counter."""
    query = select(MailBudget.key, MailBudget.requested, MailBudget.next_at).where(
        MailBudget.day_key_id == day_key_id, MailBudget.key.in_(list(keys))
    )
    return {bytes(key): (number, next_at) for key, number, next_at in db.session.execute(query)}


def _gap_from_yesterday(
    keyring: KeyRing, address: str, scope: str, budgets: Budgets, now: datetime
) -> int:
    """Return when the gap ends that a mail late yesterday began (seconds; 0 where none did)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if (now - midnight).total_seconds() > budgets.gap * budgets.per_petition_and_day:
        return 0
    found = kept_day_key(keyring, (midnight - timedelta(days=1)).date())
    if found is None:
        return 0
    query = select(MailBudget.next_at).where(
        MailBudget.day_key_id == found.id, MailBudget.key == keyed_hash(found.key, address, scope)
    )
    return db.session.execute(query).scalar_one_or_none() or 0
