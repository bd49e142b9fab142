"""Deliveries: attempts to hand over a bundle, as organisers log and correct them.

Another attempt is another delivery; a correction changes the one, and the trail keeps what stood
there before. Notes, places and names of those who went are no public facts: the trail names only
the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.rights import GRANTS, Right
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    Bundle,
    Channel,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    Organiser,
    OrganiserRole,
)

_O = DeliveryOutcome
ONLY_BY: dict[DeliveryOutcome, Channel] = {
    _O.MET: Channel.MEETING,
    _O.POSTED: Channel.POST,
    _O.FAXED: Channel.FAX,
    _O.EMAILED: Channel.EMAIL,
}
"""Outcomes that one channel alone can have."""
_TOLD = (
    "state",
    "channel",
    "attempted_at",
    "outcome",
    "deliverer_id",
    "incoming_number",
    "reply_due_on",
    "follow_up_on",
    "public",
)
"""Fields whose values stand in the audit trail."""


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """What an organiser says of an attempt. `attempted_at` at midnight means: the day is known."""

    state: DeliveryState
    channel: Channel
    attempted_at: datetime | None = None
    place: str = field(default="", repr=False)
    handed_over_by: str = field(default="", repr=False)
    outcome: DeliveryOutcome | None = None
    note: str = field(default="", repr=False)
    delegation: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    deliverer_id: int | None = None
    incoming_number: str = ""
    reply_due_on: date | None = None
    follow_up_on: date | None = None
    public: bool = False


FIELDS = tuple(DeliveryFacts.__dataclass_fields__)


def log(bundle: Bundle, facts: DeliveryFacts, *, organiser_id: int, now: datetime) -> Delivery:
    """Log an attempt to hand over a bundle.

    Raises Refused: `outcome needed`, `outcome too early`, `outcome does not fit` (field outcome),
    `day needed`, `not yet` (field attempted_on), `too early` (reply_due_on), `no deliverer`
    (deliverer_id).
    """
    _check(facts, now)
    delivery = Delivery(
        bundle_id=bundle.id,
        recorded_by=organiser_id,
        recorded_at=now,
        **{name: getattr(facts, name) for name in FIELDS},
    )
    db.session.add(delivery)
    db.session.flush()
    told = {name: _plain(getattr(facts, name)) for name in _TOLD}
    detail = {"bundle": bundle.public_id, **told}
    audit.record(f"organiser {organiser_id}", "delivery logged", subject_of(delivery), detail, now)
    return delivery


def correct(
    delivery: Delivery, facts: DeliveryFacts, *, seen: str, actor: str, now: datetime
) -> bool:
    """Correct what was logged; return whether anything changed.

    Raises Refused as `log` does, and ChangedMeanwhile.
    """
    db.session.refresh(delivery, with_for_update=True)
    before = values_of(delivery)
    refuse_changed(seen, before)
    _check(facts, now)
    after = {name: _plain(getattr(facts, name)) for name in FIELDS}
    changed = [name for name in FIELDS if after[name] != before[name]]
    if not changed:
        return False
    for name in changed:
        setattr(delivery, name, getattr(facts, name))
    if "follow_up_on" in changed:
        delivery.followed_up_at = None  # another day is another reminder
    if {"reply_due_on", "deliverer_id"} & set(changed):
        delivery.reply_reminded_at = None
    if {"follow_up_on", "deliverer_id"} & set(changed):
        delivery.follow_up_reminded_at = None
    db.session.flush()
    detail = {
        "fields": changed,
        "before": {name: before[name] for name in changed if name in _TOLD},
        "after": {name: after[name] for name in changed if name in _TOLD},
    }
    audit.record(actor, "delivery corrected", subject_of(delivery), detail, now)
    return True


def mark_followed_up(delivery: Delivery, done: bool, *, actor: str, now: datetime) -> None:
    """Say that a follow-up was made, or take that back. Repeating it changes nothing."""
    db.session.refresh(delivery, with_for_update=True)
    if delivery.follow_up_on is None or (delivery.followed_up_at is not None) == done:
        return
    delivery.followed_up_at = now if done else None
    db.session.flush()
    action = "delivery followed up" if done else "follow-up reopened"
    detail = {"follow_up_on": delivery.follow_up_on.isoformat()}
    audit.record(actor, action, subject_of(delivery), detail, now)


def values_of(delivery: Delivery) -> Mapping[str, Any]:
    """Return the plain values of a delivery, as its form shows them and the trail compares them."""
    return {name: _plain(getattr(delivery, name)) for name in FIELDS}


def subject_of(delivery: Delivery) -> str:
    """Return how the audit trail calls a delivery."""
    return f"delivery {delivery.id}"


def delivery_numbered(delivery_id: int) -> Delivery:
    """Return a delivery. Raises NotFound."""
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None:
        raise NotFound("no such delivery")
    return delivery


def deliveries_of(bundle_ids: list[int]) -> dict[int, list[Delivery]]:
    """Return the deliveries of some bundles by bundle, newest first."""
    query = select(Delivery).where(Delivery.bundle_id.in_(bundle_ids)).order_by(Delivery.id.desc())
    found: dict[int, list[Delivery]] = {}
    for delivery in db.session.execute(query).scalars():
        found.setdefault(delivery.bundle_id, []).append(delivery)
    return found


def follow_ups_due(today: date) -> list[tuple[Delivery, Bundle]]:
    """Return deliveries whose follow-up is due today or was due before, longest due first."""
    query = (
        select(Delivery, Bundle)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .where(Delivery.follow_up_on <= today, Delivery.followed_up_at.is_(None))
        .order_by(Delivery.follow_up_on, Delivery.id)
    )
    return [(delivery, bundle) for delivery, bundle in db.session.execute(query)]


def listed(
    *,
    petition_id: int | None = None,
    outcome: DeliveryOutcome | None = None,
    before_id: int | None = None,
    most: int = 50,
) -> list[tuple[Delivery, Bundle]]:
    """Return deliveries with their bundles, newest first; those logged before `before_id`."""
    query = select(Delivery, Bundle).join(Bundle, Bundle.id == Delivery.bundle_id)
    if petition_id is not None:
        query = query.where(Bundle.petition_id == petition_id)
    if outcome is not None:
        query = query.where(Delivery.outcome == outcome)
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    rows = db.session.execute(query.order_by(Delivery.id.desc()).limit(most))
    return [(delivery, bundle) for delivery, bundle in rows]


def _check(facts: DeliveryFacts, now: datetime) -> None:
    done = facts.state is DeliveryState.DONE
    if done and facts.outcome is None:
        raise Refused("outcome needed", "outcome")
    if not done and facts.outcome is not None:
        raise Refused("outcome too early", "outcome")
    if facts.outcome in ONLY_BY and ONLY_BY[facts.outcome] is not facts.channel:
        raise Refused("outcome does not fit", "outcome")
    if facts.attempted_at is None and (done or facts.public):
        raise Refused("day needed", "attempted_on")
    if done and facts.attempted_at is not None and facts.attempted_at > now:
        raise Refused("not yet", "attempted_on")
    if facts.reply_due_on and facts.attempted_at and facts.reply_due_on < _day(facts.attempted_at):
        raise Refused("too early", "reply_due_on")
    if facts.deliverer_id is not None and facts.deliverer_id not in deliverers():
        raise Refused("no deliverer", "deliverer_id")


def deliverers() -> dict[int, str]:
    """Return the organisers who may deliver and can sign in, by id, as they are called."""
    roles = [role for role, rights in GRANTS.items() if Right.DELIVER in rights]
    query = (
        select(Organiser)
        .join(OrganiserRole, OrganiserRole.organiser_id == Organiser.id)
        .where(OrganiserRole.role.in_(roles), Organiser.active.is_(True))
        .order_by(Organiser.name, Organiser.id)
    )
    return {one.id: one.name or one.email for one in db.session.execute(query).scalars()}


def _day(at: datetime) -> date:
    return (at - timedelta(hours=14)).date()  # the earliest that it can be anywhere


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value
