"""What became of the mails: numbers by outcome, what waits and why, and those in trouble.

No address is read here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from petitions.extensions import db
from petitions.models import Mail, MailState

DUE, FAILED_ATTEMPT = "due", "failed attempt"
"""Why mails wait, beside the words of `pacing`: for the worker, or after a failed attempt."""


@dataclass(frozen=True, slots=True)
class MailNumber:
    """How many mails are in a state, with the same outcome."""

    state: MailState
    outcome: str | None
    number: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many mails wait for the same reason, and when the first and the last of them may go.

    `oldest_at` is when the one was queued that waits longest.
    """

    why: str
    number: int
    first_at: datetime
    last_at: datetime
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class TroubledPage:
    """Mails in trouble, newest first, and the id from which older ones go on."""

    mails: list[Mail]
    older: int | None


def mail_numbers() -> list[MailNumber]:
    """Count mails by state and outcome."""
    query = (
        select(Mail.state, Mail.outcome, func.count())
        .group_by(Mail.state, Mail.outcome)
        .order_by(Mail.state, Mail.outcome)
    )
    return [MailNumber(*row) for row in db.session.execute(query)]


def waiting_mails(now: datetime, petition_id: int | None = None) -> list[Waiting]:
    """Say what waits, why, and until when; of one petition, or of all and of none."""
    why = case(
        (Mail.not_before <= now, literal(DUE)),
        (Mail.outcome.is_not(None), literal(FAILED_ATTEMPT)),
        else_=func.coalesce(Mail.held, literal(DUE)),
    ).label("why")
    moments = func.min(Mail.not_before), func.max(Mail.not_before), func.min(Mail.created_at)
    query = select(why, func.count(), *moments).where(Mail.state == MailState.WAITING)
    if petition_id is not None:
        query = query.where(Mail.petition_id == petition_id)
    return [Waiting(*row) for row in db.session.execute(query.group_by(why).order_by(why))]


def troubled_mails(most: int = 1000) -> list[Mail]:
    """Return mails that failed, and those that wait after a failed attempt, newest first."""
    waits: ColumnElement[bool] = and_(Mail.state == MailState.WAITING, Mail.outcome.is_not(None))
    query = select(Mail).where(or_(Mail.state == MailState.FAILED, waits))
    return list(db.session.execute(query.order_by(Mail.id.desc()).limit(most)).scalars())


def troubled_of(petition_id: int, before: int | None = None, most: int = 50) -> TroubledPage:
    """Return a petition's mails that failed, were withheld, came back, or are tried again."""
    waits = and_(Mail.state.in_((MailState.WAITING, MailState.SENT)), Mail.outcome.is_not(None))
    final = Mail.state.in_((MailState.FAILED, MailState.WITHHELD))
    query = select(Mail).where(Mail.petition_id == petition_id, or_(final, waits))
    if before is not None:
        query = query.where(Mail.id < before)
    found = list(db.session.execute(query.order_by(Mail.id.desc()).limit(most + 1)).scalars())
    more = len(found) > most
    return TroubledPage(found[:most], found[most - 1].id if more else None)
