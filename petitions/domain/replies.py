"""Replies: what officials answered, with date and reference, to a delivery or of their own accord.

The audit trail names the fields that changed, never a reply's words: they may name people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.recipients import recipients_of
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Addressee, Bundle, Delivery, Petition, Reply

_TOLD = ("received_on", "reference", "language", "public")


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What an official answered. `translation` is in the case's own language."""

    received_on: date
    language: str
    text: str = field(repr=False)
    reference: str = ""
    translation: str = field(default="", repr=False)
    public: bool = False


FIELDS = tuple(ReplyFacts.__dataclass_fields__)


def record(
    petition: Petition,
    official_id: int,
    facts: ReplyFacts,
    *,
    delivery: Delivery | None,
    organiser_id: int,
    now: datetime,
) -> Reply:
    """Record a reply of an official, to a delivery where it names one.

    Raises Refused: `not yet` (received_on), `not addressed` (official).
    """
    _check(facts, petition, now)
    if official_id not in officials_who_may_reply(petition):
        raise Refused("not addressed", "official")
    reply = Reply(
        petition_id=petition.id,
        official_id=official_id,
        delivery_id=delivery.id if delivery else None,
        recorded_by=organiser_id,
        recorded_at=now,
        **{name: getattr(facts, name) for name in FIELDS},
    )
    db.session.add(reply)
    db.session.flush()
    detail = {
        "petition": petition.id,
        "official": official_id,
        **{name: _plain(getattr(facts, name)) for name in _TOLD},
    }
    audit.record(f"organiser {organiser_id}", "reply recorded", subject_of(reply), detail, now)
    return reply


def correct(reply: Reply, facts: ReplyFacts, *, seen: str, actor: str, now: datetime) -> bool:
    """Correct a reply; return whether anything changed. Raises Refused, ChangedMeanwhile."""
    db.session.refresh(reply, with_for_update=True)
    before = values_of(reply)
    refuse_changed(seen, before)
    _check(facts, db.session.get_one(Petition, reply.petition_id), now)
    after = {name: _plain(getattr(facts, name)) for name in FIELDS}
    changed = [name for name in FIELDS if after[name] != before[name]]
    if not changed:
        return False
    for name in changed:
        setattr(reply, name, getattr(facts, name))
    db.session.flush()
    detail = {
        "fields": changed,
        "before": {name: before[name] for name in changed if name in _TOLD},
        "after": {name: after[name] for name in changed if name in _TOLD},
    }
    audit.record(actor, "reply corrected", subject_of(reply), detail, now)
    return True


def values_of(reply: Reply) -> Mapping[str, Any]:
    """Return the plain values of a reply, as its form shows them."""
    return {name: _plain(getattr(reply, name)) for name in FIELDS}


def subject_of(reply: Reply) -> str:
    """Return how the audit trail calls a reply."""
    return f"reply {reply.id}"


def reply_numbered(reply_id: int) -> Reply:
    """Return a reply. Raises NotFound."""
    reply = db.session.get(Reply, reply_id)
    if reply is None:
        raise NotFound("no such reply")
    return reply


def replies_to(delivery_id: int) -> list[Reply]:
    """Return the replies to a delivery, oldest first."""
    query = select(Reply).where(Reply.delivery_id == delivery_id)
    return list(db.session.execute(query.order_by(Reply.received_on, Reply.id)).scalars())


def replies_of(petition_id: int) -> list[Reply]:
    """Return the replies of all officials to a petition, newest first."""
    query = select(Reply).where(Reply.petition_id == petition_id)
    return list(
        db.session.execute(query.order_by(Reply.received_on.desc(), Reply.id.desc())).scalars()
    )


def replies_from(official_id: int) -> list[Reply]:
    """Return the replies of one official to all petitions, newest first."""
    query = select(Reply).where(Reply.official_id == official_id)
    return list(
        db.session.execute(query.order_by(Reply.received_on.desc(), Reply.id.desc())).scalars()
    )


def officials_who_may_reply(petition: Petition) -> set[int]:
    """Return the ids of officials that the petition is, or was, addressed to."""
    now = {recipient.official.id for recipient in recipients_of(petition)}
    ever = select(Addressee.official_id).where(
        Addressee.petition_id == petition.id, Addressee.official_id.is_not(None)
    )
    given = select(Bundle.official_id).where(Bundle.petition_id == petition.id)
    taken = {one for one in db.session.execute(ever).scalars() if one is not None}
    return now | taken | set(db.session.execute(given).scalars())


def _check(facts: ReplyFacts, petition: Petition, now: datetime) -> None:
    if facts.received_on > now.astimezone(ZoneInfo(petition.time_zone)).date():
        raise Refused("not yet", "received_on")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
