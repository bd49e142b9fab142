"""Watching confirmations: the numbers of now, and what happened by hour and by day.

Signatures are counted step by step from an index alone: a fortieth of what grouping them takes at
200,000. Mails in trouble are few, and grouped. Nothing here opens a seal or names a signer.
"""

import enum
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    column,
    extract,
    func,
    or_,
    select,
    values,
)

from petitions.extensions import db
from petitions.models import (
    ExpiredCount,
    ExpiredLately,
    Mail,
    MailKind,
    MailState,
    Petition,
    Signature,
    SignatureState,
    Verification,
)
from petitions.models.types import UtcDateTime

HOURS = 48
DAYS = 60
_FEWEST = 7
_SLOT = 900
"""Seconds: the hours of all time zones begin at a quarter of an hour of UTC."""
_MAILS = {
    MailState.WAITING: "mail_waiting",
    MailState.FAILED: "mail_failed",
    MailState.WITHHELD: "mail_withheld",
}
_TO_SIGNERS = (MailKind.SIGNING, MailKind.REMINDER, MailKind.MY_SIGNATURE)
"""News has a report of its own: many mails that confirm nothing."""


class Span(enum.StrEnum):
    """How long one step of a series is."""

    HOUR = "hour"
    DAY = "day"


@dataclass(slots=True)
class Standing:
    """How many signatures are in each state now, and how the mails about them fare.

    `withheld` counts withheld mails by their reason, `came_back` those sent about which the other
    side reported, with its code. `reminders` go if their signers have not
    confirmed by then; those that were not needed are in no number. Expired signatures are deleted:
    their number is what was counted then.
    """

    pending: int = 0
    confirmed: int = 0
    attested: int = 0
    set_aside: int = 0
    withdrawn: int = 0
    expired: int = 0
    mail_waiting: int = 0
    mail_sent: int = 0
    mail_failed: int = 0
    mail_cancelled: int = 0
    reminders: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    came_back: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        """All signatures that were ever entered, whatever became of them."""
        standing = self.pending + self.confirmed + self.attested + self.set_aside
        return standing + self.withdrawn + self.expired

    @property
    def mail_withheld(self) -> int:
        """All mails that were withheld, for whatever reason."""
        return sum(self.withheld.values())

    def add(self, other: "Standing") -> None:
        """Add the numbers of another petition."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Step:
    """What happened in one hour or day that begins at `begins`, whatever became of it later.

    `mail_waiting` counts the mails that still wait now and were queued then.
    """

    begins: datetime
    created: int = 0
    confirmed: int = 0
    attested: int = 0
    expired: int = 0
    set_aside: int = 0
    withdrawn: int = 0
    mail_waiting: int = 0
    mail_failed: int = 0
    mail_withheld: int = 0


def standings(petition_id: int | None = None) -> dict[int | None, Standing]:
    """Return the numbers of each petition that has any, or of one.

    Mails that concern no petition, such as links to one's own signatures, stand under None.
    """
    found: dict[int | None, Standing] = defaultdict(Standing)
    _count_signatures(found, petition_id)
    _count_mails(found, petition_id)
    expired = select(ExpiredCount.petition_id, func.sum(ExpiredCount.number))
    expired = expired.where(*_of(ExpiredCount.petition_id, petition_id))
    for of, number in db.session.execute(expired.group_by(ExpiredCount.petition_id)):
        found[of].expired = int(number)
    return found


def standing_of(petition_id: int) -> Standing:
    """Return the numbers of one petition."""
    return standings(petition_id).get(petition_id) or Standing()


def steps(span: Span, zone: str, now: datetime, petition_id: int | None = None) -> list[Step]:
    """Return what happened in the last 48 hours or 60 days, oldest first, in a time zone.

    Without a petition it is told of all of them together.
    """
    by_key = {key: Step(begins) for key, begins in _beginnings(span, ZoneInfo(zone), now)}
    steps = list(by_key.values())
    _enter_signatures(steps, petition_id)

    def enter(name: str, slot: int, number: int) -> None:
        moment = datetime.fromtimestamp(slot * _SLOT, ZoneInfo(zone))
        if step := by_key.get(_key(span, moment)):
            setattr(step, name, getattr(step, name) + number)

    since = steps[0].begins.astimezone(UTC)
    for state, slot, number in _mails_by_slot(since, petition_id):
        enter(_MAILS[state], slot, number)
    if span is Span.DAY:
        _enter_expired(by_key, since, petition_id)
    else:
        for slot, number in _expired_by_slot(since, petition_id):
            enter("expired", slot, number)
    return steps


def since_published(steps: list[Step], petition_id: int | None = None) -> list[Step]:
    """Return the steps without the empty ones before the petition, or the first of all, was open.

    Seven are left at least: fewer are no picture.
    """
    query = select(func.min(Petition.published_at))
    if petition_id is not None:
        query = query.where(Petition.id == petition_id)
    opened = db.session.execute(query).scalar()
    first = 0
    while first < len(steps) - _FEWEST and _is_before(steps[first], steps[first + 1], opened):
        first += 1
    return steps[first:]


def _is_before(step: Step, following: Step, opened: datetime | None) -> bool:
    """Whether a step ended before the petition was open, and nothing happened in it."""
    numbers = (getattr(step, each.name) for each in fields(step) if each.name != "begins")
    return (opened is None or following.begins <= opened) and not any(numbers)


def _enter_signatures(steps: Sequence[Step], petition_id: int | None) -> None:
    """Count the signatures of each step.

    The petitions are named one by one, also where all are meant: their indexes begin with them.
    """
    ids = [petition_id] if petition_id is not None else _petition_ids()
    ends = [step.begins for step in steps[1:]] + [steps[-1].begins + timedelta(days=2)]
    beginnings = zip(steps, ends, strict=True)
    rows = [(number, step.begins, end) for number, (step, end) in enumerate(beginnings)]
    when = (column("begins", UtcDateTime), column("ends", UtcDateTime))
    step = values(column("number", Integer), *when, name="step").data(rows).cte("step")

    def within(moment: Any, *which: ColumnElement[bool]) -> Any:
        inside = and_(moment >= step.c.begins, moment < step.c.ends)
        of = Signature.petition_id.in_(ids)
        return select(func.count()).where(of, inside, *which).correlate(step).scalar_subquery()

    by_mail = Signature.verified_by == Verification.EMAIL
    attested = Signature.verified_by == Verification.ATTESTED
    counts = {
        "created": within(Signature.created_at),
        "confirmed": within(Signature.confirmed_at, by_mail),
        "attested": within(Signature.confirmed_at, attested),
        # Whoever is put back keeps the time, and is not set aside.
        "set_aside": within(Signature.set_aside_at, Signature.state == SignatureState.SET_ASIDE),
        "withdrawn": within(Signature.withdrawn_at),
    }
    for number, *found in db.session.execute(select(step.c.number, *counts.values())):
        for name, one in zip(counts, found, strict=True):
            setattr(steps[number], name, one)


def _petition_ids() -> list[int]:
    return list(db.session.execute(select(Petition.id)).scalars())


def _count_signatures(found: dict[int | None, Standing], petition_id: int | None) -> None:
    query = select(Signature.petition_id, Signature.state, func.count())
    query = query.where(*_of(Signature.petition_id, petition_id))
    names = {SignatureState.SET_ASIDE: "set_aside"}
    for of, state, number in db.session.execute(
        query.group_by(Signature.petition_id, Signature.state)
    ):
        setattr(found[of], names.get(state, state.value), number)
    attested = select(Signature.petition_id, func.count()).where(
        Signature.state == SignatureState.CONFIRMED,
        Signature.verified_by == Verification.ATTESTED,
        *_of(Signature.petition_id, petition_id),
    )
    for of, number in db.session.execute(attested.group_by(Signature.petition_id)):
        found[of].attested = number
        found[of].confirmed -= number


def _count_mails(found: dict[int | None, Standing], petition_id: int | None) -> None:
    columns = (Mail.petition_id, Mail.kind, Mail.state, Mail.outcome, Mail.budgeted)
    query = select(*columns, func.count()).where(
        Mail.kind.in_(_TO_SIGNERS), *_of(Mail.petition_id, petition_id)
    )
    for of, kind, state, outcome, budgeted, number in db.session.execute(query.group_by(*columns)):
        reminds = kind is MailKind.REMINDER
        if reminds and state is MailState.WAITING and not budgeted:
            found[of].reminders += number
        elif reminds and state is MailState.CANCELLED:
            continue
        elif state is MailState.WITHHELD:
            found[of].withheld[outcome or ""] += number
        else:
            if state is MailState.SENT and outcome:
                found[of].came_back[outcome] += number
            name = f"mail_{state.value}"
            setattr(found[of], name, getattr(found[of], name) + number)


def _beginnings(span: Span, zone: ZoneInfo, now: datetime) -> list[tuple[object, datetime]]:
    """Return key and beginning of each step up to now."""
    if span is Span.DAY:
        today = now.astimezone(zone).date()
        days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        return [(day, datetime(day.year, day.month, day.day, tzinfo=zone)) for day in days]
    hours = ((now - timedelta(hours=back)).astimezone(zone) for back in reversed(range(HOURS)))
    return [(_key(span, hour), hour.replace(minute=0, second=0, microsecond=0)) for hour in hours]


def _key(span: Span, moment: datetime) -> object:
    """Return what all moments of one step have in common; of hours that occur twice, each."""
    if span is Span.DAY:
        return moment.date()
    return moment.replace(minute=0, second=0, microsecond=0).timestamp()


def _mails_by_slot(since: datetime, petition_id: int | None) -> list[tuple[MailState, int, int]]:
    """Count mails by state and quarter of an hour: those that wait by when they were queued."""
    waits = Mail.state == MailState.WAITING
    when = case((waits, Mail.created_at), else_=Mail.final_at)
    slot = _slot(when)
    # A reminder that is only planned waits for nobody. What belongs to no petition is in none.
    of = Mail.petition_id.in_([petition_id] if petition_id is not None else _petition_ids())
    query = select(Mail.state, slot, func.count()).where(
        of if petition_id is not None else or_(of, Mail.petition_id.is_(None)),
        Mail.kind.in_(_TO_SIGNERS),
        Mail.state.in_(list(_MAILS)),
        or_(~waits, Mail.budgeted),
        when >= since,
    )
    rows = db.session.execute(query.group_by(Mail.state, slot))
    return [(state, int(one), number) for state, one, number in rows]


def _expired_by_slot(since: datetime, petition_id: int | None) -> list[tuple[int, int]]:
    slot = _slot(ExpiredLately.begins_at)
    query = select(slot, func.sum(ExpiredLately.number)).where(
        ExpiredLately.begins_at >= since, *_of(ExpiredLately.petition_id, petition_id)
    )
    return [(int(one), int(number)) for one, number in db.session.execute(query.group_by(slot))]


def _slot(moment: Any) -> Any:
    """Return the quarter of an hour since 1970 in which a moment lies."""
    seconds: Any = extract("epoch", moment)
    if db.engine.dialect.name == "postgresql":
        seconds = cast(func.floor(seconds), BigInteger)
    return (seconds // _SLOT).label("slot")


def _enter_expired(by_key: dict[object, Step], since: datetime, petition_id: int | None) -> None:
    query = select(ExpiredCount.day, func.sum(ExpiredCount.number)).where(
        ExpiredCount.day >= since.date(), *_of(ExpiredCount.petition_id, petition_id)
    )
    for day, number in db.session.execute(query.group_by(ExpiredCount.day)):
        assert isinstance(day, date)  # noqa: S101  # nosec B101  # for the type checker
        if step := by_key.get(day):
            step.expired = int(number)


def _of(column: Any, petition_id: int | None) -> list[ColumnElement[bool]]:
    return [] if petition_id is None else [column == petition_id]
