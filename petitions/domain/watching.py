"""Watching confirmations: the numbers of now, and what happened by hour and by day.

Each series is one grouped query over its window. Nothing here opens a seal or names a signer.
"""

import enum
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, literal, select

from petitions.extensions import db
from petitions.models import (
    ExpiredCount,
    Mail,
    MailKind,
    MailState,
    Signature,
    SignatureState,
    Verification,
)

HOURS = 48
DAYS = 60
_SLOT = 900
"""Seconds: the hours of all time zones begin at a quarter of an hour of UTC."""
_CONFIRMED = {Verification.EMAIL: "confirmed", Verification.ATTESTED: "attested"}
_MAILS = {MailState.FAILED: "mail_failed", MailState.WITHHELD: "mail_withheld"}
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

    Expired signatures are counted by day alone.
    """

    begins: datetime
    created: int = 0
    confirmed: int = 0
    attested: int = 0
    expired: int = 0
    set_aside: int = 0
    withdrawn: int = 0
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
    since = min(step.begins for step in by_key.values()).astimezone(UTC)

    def enter(names: dict[Any, str], kind: Any, column: Any, *which: ColumnElement[bool]) -> None:
        for slot, value, number in _by_slot(column, kind, since, which):
            moment = datetime.fromtimestamp(slot * _SLOT, ZoneInfo(zone))
            step = by_key.get(_key(span, moment))
            if step is not None and value in names:
                setattr(step, names[value], getattr(step, names[value]) + number)

    signed = _of(Signature.petition_id, petition_id)
    mailed = [Mail.kind.in_(_TO_SIGNERS), *_of(Mail.petition_id, petition_id)]
    state, everything = Signature.state, literal(1)
    enter({1: "created"}, everything, Signature.created_at, *signed)
    enter(_CONFIRMED, Signature.verified_by, Signature.confirmed_at, *signed)
    # The state is said for the index's sake: these two are few.
    for column, one, name in (
        (Signature.set_aside_at, SignatureState.SET_ASIDE, "set_aside"),
        (Signature.withdrawn_at, SignatureState.WITHDRAWN, "withdrawn"),
    ):
        enter({1: name}, everything, column, state == one, *signed)
    enter(_MAILS, Mail.state, Mail.final_at, Mail.state.in_(list(_MAILS)), *mailed)
    if span is Span.DAY:
        _enter_expired(by_key, since, petition_id)
    return list(by_key.values())


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
    is_reminder, shown = (Mail.kind == MailKind.REMINDER).label("reminds"), Mail.budgeted
    columns = (Mail.petition_id, Mail.state, Mail.outcome, is_reminder, shown)
    query = select(*columns, func.count()).where(
        Mail.kind.in_(_TO_SIGNERS), *_of(Mail.petition_id, petition_id)
    )
    for of, state, outcome, reminds, budgeted, number in db.session.execute(
        query.group_by(*columns)
    ):
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


def _by_slot(
    column: Any, kind: Any, since: datetime, conditions: tuple[ColumnElement[bool], ...]
) -> list[tuple[int, Any, int]]:
    """Count rows by quarter of an hour since 1970 and by what kind they are."""
    seconds: Any = extract("epoch", column)
    if db.engine.dialect.name == "postgresql":
        seconds = cast(func.floor(seconds), BigInteger)
    slot, which = (seconds // _SLOT).label("slot"), kind.label("of_kind")
    query = select(slot, which, func.count()).where(column >= since, *conditions)
    grouped = query.group_by(slot, which)
    return [(int(one), value, number) for one, value, number in db.session.execute(grouped)]


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
