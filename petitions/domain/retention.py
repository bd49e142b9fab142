"""Retention: what is deleted when its time is over. Here: signatures never confirmed, old day keys.

Nothing is decided about anybody by hand here, and nothing confirmed is touched.
"""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import delete, select, update

from petitions.domain.budgets import upsert
from petitions.domain.signing import CONFIRM_WITHIN
from petitions.extensions import db
from petitions.models import ExpiredCount, Mail, MailState, Signature, SignatureState

UNCONFIRMED = "not confirmed in time"


def expire_unconfirmed(now: datetime, most: int = 500) -> int:
    """Delete signatures that were not confirmed within a week; return how many.

    They are counted by petition and day, and mails about them are cancelled. At most `most` go at
    once, so that nobody who signs waits long: the caller commits, and repeats while any went.
    """
    ids = _unconfirmed(now, most)
    if not ids:
        return 0
    db.session.execute(
        update(Mail)
        .where(Mail.signature_id.in_(ids), Mail.state == MailState.WAITING)
        .values(
            state=MailState.CANCELLED,
            outcome=UNCONFIRMED,
            final_at=now,
            address_sealed=None,
            claimed_by=None,
            claimed_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    gone = (
        delete(Signature)
        .where(Signature.id.in_(ids), Signature.state == SignatureState.PENDING)
        .returning(Signature.petition_id)
        .execution_options(synchronize_session=False)
    )
    petitions = db.session.execute(gone).scalars().all()
    for petition_id, number in sorted(Counter(petitions).items()):
        _count(petition_id, number, now)
    return len(petitions)


def _unconfirmed(now: datetime, most: int) -> list[int]:
    query = (
        select(Signature.id)
        .where(Signature.state == SignatureState.PENDING)
        .where(Signature.created_at < now - CONFIRM_WITHIN)
        .order_by(Signature.created_at)
        .limit(most)
    )
    if db.engine.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)  # two workers share the work
    return list(db.session.execute(query).scalars())


def _count(petition_id: int, number: int, now: datetime) -> None:
    row = {"petition_id": petition_id, "day": now.astimezone(UTC).date(), "number": number}
    statement = upsert(ExpiredCount).values(row)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["petition_id", "day"], set_={"number": ExpiredCount.number + number}
        )
    )
