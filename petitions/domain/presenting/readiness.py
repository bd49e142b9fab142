"""Whether this installation can do its work: database, migrations, and a worker that sends mail."""

from datetime import datetime, timedelta

from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select

from petitions.extensions import db
from petitions.models import Mail, MailState

MAIL_IS_LATE = timedelta(seconds=60)


def reasons_not_ready(heads: set[str], now: datetime) -> list[str]:
    """Return what is amiss, in words that name nobody; nothing where all is well.

    `heads` are the newest migrations of the code. The database's own errors pass through.
    """
    at = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    if at != heads:
        return ["the database is not migrated: run `petitions migrate`"]
    return _late_mail(now)


def _late_mail(now: datetime) -> list[str]:
    late = select(func.count()).select_from(Mail)
    late = late.where(Mail.state == MailState.WAITING, Mail.not_before < now - MAIL_IS_LATE)
    number = db.session.execute(late).scalar_one()
    if not number:
        return []
    return [f"mails that were due over a minute ago and wait for the worker: {number}"]
