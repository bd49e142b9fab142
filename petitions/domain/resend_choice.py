"""Which signatures are to get another mail: one batch at a time, by their ids."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from petitions.extensions import db
from petitions.models import Mail, MailKind, MailState, Petition, Signature, SignatureState

BATCH = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Which signatures are to get another mail: those named, or all pending ones that fit.

    `days` is how long they have waited at least; `after` is the id that an earlier batch ended at.
    `since` is when the plan was shown: a mail queued later than that is the answer already given.
    """

    ids: tuple[int, ...] = ()
    days: int | None = None
    failed: bool = False
    after: int = 0
    since: datetime | None = None


def chosen(petition: Petition, choice: Choice, now: datetime) -> tuple[list[int], int]:
    """Return the ids of one batch, and how many fit beyond it."""
    if choice.ids:
        ids = sorted(set(choice.ids))
        return ids[:BATCH], len(ids[BATCH:])
    query: Select[int] = select(Signature.id).where(
        Signature.petition_id == petition.id,
        Signature.state == SignatureState.PENDING,
        Signature.id > choice.after,
    )
    if choice.days is not None:
        query = query.where(Signature.created_at <= now - timedelta(days=choice.days))
    if choice.failed:
        query = query.where(_troubled())
    found = list(db.session.execute(query.order_by(Signature.id).limit(BATCH)).scalars())
    if len(found) < BATCH:
        return found, 0
    beyond = query.where(Signature.id > found[-1]).order_by(None).subquery()
    return found, db.session.execute(select(func.count()).select_from(beyond)).scalar_one()


def _troubled() -> ColumnElement[bool]:
    """The condition of signatures about which a mail failed or was withheld, and none was sent."""
    about = and_(Mail.signature_id == Signature.id, Mail.kind == MailKind.SIGNING)
    bad = exists().where(about, Mail.state.in_((MailState.FAILED, MailState.WITHHELD)))
    sent = exists().where(about, Mail.state == MailState.SENT)
    return and_(bad, ~sent)
