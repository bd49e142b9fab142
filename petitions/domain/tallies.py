"""Adding up what has changed, and holding the sums against a full count of the rows.

Reading a number adds what is not added up yet: it is exact at any moment, and its cost depends on
countries and on how far the worker is behind, not on how many have signed.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Date, Select, cast, delete, func, insert, select, union_all
from sqlalchemy.sql.selectable import Subquery

from petitions.domain.day_keys import upsert
from petitions.extensions import db
from petitions.models import Lease, Signature, SignatureState, Tally, TallyChange, TallyOfDay

MOST = 5000
_A_DAY = timedelta(days=1)
_CONFIRMED = Signature.state == SignatureState.CONFIRMED


def counted() -> Subquery:
    """Return petition, country, how and number of what is added up and of what is not."""
    sums = select(Tally.petition_id, Tally.country, Tally.how, Tally.number)
    changes = select(
        TallyChange.petition_id, TallyChange.country, TallyChange.how, TallyChange.number
    )
    return union_all(sums, changes).subquery()


def added_up() -> Subquery:
    """Return the same of what is added up alone."""
    return select(Tally.petition_id, Tally.country, Tally.how, Tally.number).subquery()


def add_up(most: int = MOST) -> int:
    """Add changes to the sums, the oldest first; return how many there were. The caller commits.

    Whoever reads meanwhile sees each change once: as a row, or in the sum.
    """
    oldest = select(TallyChange.id).order_by(TallyChange.id).limit(most)
    if db.engine.dialect.name == "postgresql":
        oldest = oldest.with_for_update(skip_locked=True)
    gone = delete(TallyChange).where(TallyChange.id.in_(oldest))
    noted = gone.returning(
        TallyChange.petition_id,
        TallyChange.day,
        TallyChange.country,
        TallyChange.how,
        TallyChange.number,
    ).execution_options(synchronize_session=False)
    rows = db.session.execute(noted).all()
    all_days, by_day = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    for petition_id, day, country, how, number in rows:
        all_days[petition_id, country, how] += number
        by_day[petition_id, day, country, how] += number
    _add(Tally, ("petition_id", "country", "how"), all_days)
    _add(TallyOfDay, ("petition_id", "day", "country", "how"), by_day)
    return len(rows)


def _add(table: Any, keys: tuple[str, ...], sums: "Counter[tuple[Any, ...]]") -> None:
    statement = upsert(table)
    more = statement.on_conflict_do_update(
        index_elements=list(keys), set_={"number": table.number + statement.excluded.number}
    )
    # One order for all workers.
    rows = [dict(zip(keys, key, strict=True)) | {"number": n} for key, n in sorted(sums.items())]
    for row in rows:
        if row["number"]:
            db.session.execute(more, row)


def wrong_sums() -> int:
    """Count all confirmed signatures, and return how many sums differ. Only reads."""
    return sum(_differing(by_day) for by_day in (False, True))


def count_anew() -> None:
    """Put a full count in place of all sums. In a snapshot; the caller commits.

    What is confirmed meanwhile is noted as a change, and added to the new sums.
    """
    for table in (TallyChange, Tally, TallyOfDay):
        db.session.execute(delete(table))
    for table, by_day in ((Tally, False), (TallyOfDay, True)):
        names = ["petition_id", "country", "how", *(["day"] if by_day else []), "number"]
        db.session.execute(insert(table).from_select(names, _full_count(by_day)))


def anything_to_add_up() -> bool:
    """Whether there is a change. Only reads."""
    return db.session.execute(select(TallyChange.id).limit(1)).first() is not None


def _differing(by_day: bool) -> int:
    table = TallyOfDay if by_day else Tally
    parts: list[Any] = [_columns(table, by_day), _columns(TallyChange, by_day)]
    rows = _full_count(by_day).subquery()
    *keys, number = rows.c
    parts.append(select(*keys, (-number).label("number")))
    both: CompoundSelect[Any] = union_all(*parts)
    *keys, number = both.subquery().c
    differing = select(*keys).group_by(*keys).having(func.sum(number) != 0).subquery()
    return int(db.session.execute(select(func.count()).select_from(differing)).scalar_one())


def _columns(table: Any, by_day: bool) -> Select[Any]:
    day = [table.day] if by_day else []
    return select(table.petition_id, table.country, table.how, *day, table.number.label("number"))


def _full_count(by_day: bool) -> Select[Any]:
    keys: list[Any] = [Signature.petition_id, Signature.country, Signature.verified_by]
    if by_day:
        keys.append(_day_of_confirmation())
    return select(*keys, func.count().label("number")).where(_CONFIRMED).group_by(*keys)


def _day_of_confirmation() -> Any:
    if db.engine.dialect.name == "postgresql":
        return cast(func.timezone("UTC", Signature.confirmed_at), Date).label("day")
    return func.date(Signature.confirmed_at).label("day")


def is_time_to_count(lease: str, now: datetime) -> bool:
    """Whether nobody counts now, and the last count is of another night. Only reads."""
    held = db.session.get(Lease, lease, populate_existing=True)
    return held is None or held.until <= now


def next_check(now: datetime) -> datetime:
    """Return when all is counted next: three o'clock at night (UTC)."""
    at = now.replace(hour=3, minute=0, second=0, microsecond=0)
    return at if at > now else at + _A_DAY
