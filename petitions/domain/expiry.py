"""A signature that was not confirmed in time ends: deleted, counted, and no mail about it goes.

One that was set aside before it was confirmed ends alike: it never counted, nothing of it is kept
longer than of others, and whoever signs again after a week is asked like anybody.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_

from petitions.domain.day_keys import upsert
from petitions.domain.mailboxes import move_up
from petitions.domain.outbox import cancel_about
from petitions.domain.terms import CONFIRM_WITHIN
from petitions.extensions import db
from petitions.models import ExpiredCount, ExpiredLately, Signature, SignatureState

_LATELY = timedelta(days=3)
UNCONFIRMED = "not confirmed in time"


def unconfirmed() -> ColumnElement[bool]:
    """The condition of signatures that wait to be confirmed, or were set aside while they did."""
    set_aside = and_(Signature.state == SignatureState.SET_ASIDE, Signature.confirmed_at.is_(None))
    return or_(Signature.state == SignatureState.PENDING, set_aside)


def waited_too_long(signature: Signature, now: datetime) -> bool:
    """Whether it is too late to confirm a signature that was not confirmed."""
    return signature.confirmed_at is None and now - signature.created_at > CONFIRM_WITHIN


def expire(ids: Sequence[int], now: datetime) -> int:
    """Delete these signatures as far as they are unconfirmed; return how many went.

    They are counted by petition and day, and mails about them are cancelled. Of the last three days
    they are counted by the quarter of an hour, too.
    """
    cancel_about(ids, UNCONFIRMED, now)
    gone = (
        delete(Signature)
        .where(Signature.id.in_(ids), unconfirmed())
        .returning(Signature.petition_id, Signature.lookup)
        .execution_options(synchronize_session=False)
    )
    rows = db.session.execute(gone).all()
    for petition_id, number in sorted(Counter(row.petition_id for row in rows).items()):
        _count(petition_id, number, now)
        freed = [row.lookup for row in rows if row.petition_id == petition_id]
        move_up(petition_id, [bytes(lookup) for lookup in freed if lookup is not None])
    return len(rows)


def _count(petition_id: int, number: int, now: datetime) -> None:
    at = now.astimezone(UTC)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for model, when in (
        (ExpiredCount, {"day": at.date()}),
        (ExpiredLately, {"begins_at": quarter}),
    ):
        statement = upsert(model).values({"petition_id": petition_id, "number": number, **when})
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["petition_id", *when], set_={"number": model.number + number}
            )
        )
    over = ExpiredLately.begins_at < at - _LATELY
    db.session.execute(
        delete(ExpiredLately)
        .where(ExpiredLately.petition_id == petition_id, over)
        .execution_options(synchronize_session=False)
    )
