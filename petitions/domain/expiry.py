"""A signature that was not confirmed in time ends: deleted, counted, and no mail about it goes."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update

from petitions.domain.budgets import upsert
from petitions.extensions import db
from petitions.models import ExpiredCount, Mail, MailState, Signature, SignatureState

CONFIRM_WITHIN = timedelta(days=7)
UNCONFIRMED = "not confirmed in time"


def expire(ids: Sequence[int], now: datetime) -> int:
    """Delete these signatures as far as they are pending; return how many went.

    They are counted by petition and day, and mails about them are cancelled.
    """
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


def _count(petition_id: int, number: int, now: datetime) -> None:
    row = {"petition_id": petition_id, "day": now.astimezone(UTC).date(), "number": number}
    statement = upsert(ExpiredCount).values(row)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["petition_id", "day"], set_={"number": ExpiredCount.number + number}
        )
    )
