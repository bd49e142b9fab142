"""What became of the mails: numbers by outcome, and those in trouble. No address is read here."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from petitions.extensions import db
from petitions.models import Mail, MailState


@dataclass(frozen=True, slots=True)
class MailNumber:
    """How many mails are in a state, with the same outcome."""

    state: MailState
    outcome: str | None
    number: int


def mail_numbers() -> list[MailNumber]:
    """Count mails by state and outcome."""
    query = (
        select(Mail.state, Mail.outcome, func.count())
        .group_by(Mail.state, Mail.outcome)
        .order_by(Mail.state, Mail.outcome)
    )
    return [MailNumber(*row) for row in db.session.execute(query)]


def troubled_mails(most: int = 1000) -> list[Mail]:
    """Return mails that failed, and those that wait after a failed attempt, newest first."""
    waits: ColumnElement[bool] = and_(Mail.state == MailState.WAITING, Mail.outcome.is_not(None))
    query = select(Mail).where(or_(Mail.state == MailState.FAILED, waits))
    return list(db.session.execute(query.order_by(Mail.id.desc()).limit(most)).scalars())
