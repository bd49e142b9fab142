"""What is due to whom: appointments, bundles that nobody took there yet, replies and follow-ups.

One read for the board of deliveries; who may see it is decided by who asks.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from petitions.domain.recipients import recipients_of
from petitions.extensions import db
from petitions.models import (
    Bundle,
    Delivery,
    DeliveryState,
    NamesTerm,
    Petition,
    PetitionState,
    Reply,
)

UNANSWERED_AFTER = timedelta(days=7)
"""An appointment asked for that long ago is shown as unanswered."""
AHEAD = timedelta(days=14)
"""How far ahead last days and replies are shown."""


class What(enum.StrEnum):
    """What is due, in the order of the board."""

    LAST_DAY = "last day"
    APPOINTMENT = "appointment"
    UNANSWERED = "unanswered"
    ASKED = "asked"
    NOT_DELIVERED = "not delivered"
    REPLY = "reply"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due, to an office or of a whole petition, on a day or without one."""

    what: What
    petition_id: int
    official_id: int | None = None
    on: date | None = None
    bundle: Bundle | None = None
    delivery: Delivery | None = None
    without_bundle: int = 0
    """Of a petition whose last day is near: for how many of its offices nothing is built."""
    is_late: bool = False

    @property
    def deliverer_id(self) -> int | None:
        """Who sees to it, where somebody does."""
        return self.delivery.deliverer_id if self.delivery else None


def board(
    today: date, now: datetime, *, petition_id: int | None = None, organiser_id: int | None = None
) -> dict[What, list[Due]]:
    """Return what is due by its kind, the nearest day first; of one petition or one organiser."""
    found: dict[What, list[Due]] = {what: [] for what in What}
    for due in (*_last_days(now), *_not_delivered(), *_of_deliveries(today, now)):
        if petition_id is not None and due.petition_id != petition_id:
            continue
        if organiser_id is not None and due.deliverer_id != organiser_id:
            continue
        found[due.what].append(due)
    for dues in found.values():
        dues.sort(key=lambda due: (due.on or date.max, due.petition_id, due.official_id or 0))
    return found


def awaiting_reply(today: date) -> list[tuple[Delivery, Bundle]]:
    """Return deliveries whose reply is due by a day and has not come, longest due first."""
    replied = exists().where(Reply.delivery_id == Delivery.id)
    query = (
        select(Delivery, Bundle)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .where(Delivery.reply_due_on <= today, ~replied)
        .order_by(Delivery.reply_due_on, Delivery.id)
    )
    return [(delivery, bundle) for delivery, bundle in db.session.execute(query)]


def _last_days(now: datetime) -> Iterator[Due]:
    query = select(Petition).where(
        Petition.state == PetitionState.OPEN, Petition.deadline_on.is_not(None)
    )
    for petition in db.session.execute(query).scalars().all():
        today = now.astimezone(ZoneInfo(petition.time_zone)).date()
        on = petition.deadline_on
        if on is None or not today - AHEAD <= on <= today + AHEAD:
            continue
        built = select(Bundle.official_id).where(Bundle.petition_id == petition.id)
        there = set(db.session.execute(built).scalars())
        lacking = {one.official.id for one in recipients_of(petition)} - there
        yield Due(
            What.LAST_DAY,
            petition.id,
            on=on,
            without_bundle=len(lacking),
            is_late=on < today and bool(lacking),
        )


def _not_delivered() -> Iterator[Due]:
    """Yield the newest bundle of each office and text that nobody has taken there or asked for.

    Of a petition of which everything is handed over, as somebody said, none is waited for.
    """
    later = aliased(Bundle)
    over = exists().where(NamesTerm.petition_id == Bundle.petition_id)
    superseded = exists().where(later.supersedes_id == Bundle.id)
    tried = exists().where(Delivery.bundle_id == Bundle.id)
    query = select(Bundle).where(~superseded, ~tried, ~over).order_by(Bundle.frozen_at, Bundle.id)
    for bundle in db.session.execute(query).scalars():
        yield Due(What.NOT_DELIVERED, bundle.petition_id, bundle.official_id, bundle=bundle)


def _of_deliveries(today: date, now: datetime) -> Iterator[Due]:
    newest = select(func.max(Delivery.id)).group_by(Delivery.bundle_id)
    query = (
        select(Delivery, Bundle)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .where(Delivery.id.in_(newest), Delivery.state != DeliveryState.DONE)
    )
    for delivery, bundle in db.session.execute(query):
        yield _appointment(delivery, bundle, today, now)
    for delivery, bundle in awaiting_reply(today + AHEAD):
        yield _due(What.REPLY, delivery, bundle, delivery.reply_due_on, today)
    follow_ups = (
        select(Delivery, Bundle)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .where(Delivery.follow_up_on <= today + AHEAD, Delivery.followed_up_at.is_(None))
    )
    for delivery, bundle in db.session.execute(follow_ups):
        yield _due(What.FOLLOW_UP, delivery, bundle, delivery.follow_up_on, today)


def _appointment(delivery: Delivery, bundle: Bundle, today: date, now: datetime) -> Due:
    petition = db.session.get_one(Petition, bundle.petition_id)
    at = delivery.attempted_at
    on = at.astimezone(ZoneInfo(petition.time_zone)).date() if at else None
    if delivery.state is DeliveryState.AGREED:
        return _due(What.APPOINTMENT, delivery, bundle, on, today)
    is_old = now - delivery.recorded_at > UNANSWERED_AFTER
    asked_on = delivery.recorded_at.astimezone(ZoneInfo(petition.time_zone)).date()
    what = What.UNANSWERED if is_old else What.ASKED
    return Due(
        what,
        bundle.petition_id,
        bundle.official_id,
        asked_on,
        bundle,
        delivery,
        is_late=is_old,
    )


def _due(what: What, delivery: Delivery, bundle: Bundle, on: date | None, today: date) -> Due:
    is_late = on is not None and on < today
    return Due(what, bundle.petition_id, bundle.official_id, on, bundle, delivery, is_late=is_late)
