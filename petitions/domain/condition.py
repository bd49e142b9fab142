"""How this installation stands: numbers for whoever watches it, from the database alone.

Nothing here names a signer, a petition or an address.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from petitions.domain import audit, beats
from petitions.domain.mail_report import MailNumber, Waiting, mail_numbers, waiting_mails
from petitions.extensions import db
from petitions.models import (
    AuditEntry,
    BuildState,
    BundleBuild,
    Mail,
    MailState,
    Signature,
    SignatureState,
)

MAIL_IS_LATE = timedelta(seconds=60)
_OPEN = (BuildState.WAITING, BuildState.RUNNING)


@dataclass(frozen=True, slots=True)
class BuildTimes:
    """How many builds ended in a state, and how long they took together, from being asked for."""

    state: BuildState
    number: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Condition:
    """How it stands. Times are None where there is nothing of the kind."""

    worker_seen_at: datetime | None
    oldest_due_at: datetime | None
    """Since when the oldest mail that may go waits for a worker."""
    waiting: Sequence[Waiting]
    mails: Sequence[MailNumber]
    signatures: dict[SignatureState, int]
    builds: Sequence[BuildTimes]
    builds_open: int
    oldest_build_at: datetime | None
    backed_up_at: datetime | None


def condition(now: datetime) -> Condition:
    """Look at it all. On five million signatures a third of a second: keep the answer a while."""
    builds_open, oldest_build_at = _open_builds()
    return Condition(
        worker_seen_at=beats.last_seen(),
        oldest_due_at=oldest_due(now),
        waiting=waiting_mails(now),
        mails=mail_numbers(),
        signatures=_signatures(),
        builds=_builds(),
        builds_open=builds_open,
        oldest_build_at=oldest_build_at,
        backed_up_at=backed_up_at(),
    )


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the oldest mail that may go has been waiting."""
    due = select(func.min(Mail.not_before)).where(
        Mail.state == MailState.WAITING, Mail.not_before <= now
    )
    return db.session.execute(due).scalar_one_or_none()


def late_mails(now: datetime) -> int:
    """Return how many mails were due over a minute ago."""
    late = select(func.count()).select_from(Mail)
    late = late.where(Mail.state == MailState.WAITING, Mail.not_before < now - MAIL_IS_LATE)
    return db.session.execute(late).scalar_one()


def backed_up_at() -> datetime | None:
    """Return when `petitions backup` last wrote one."""
    query = select(func.max(AuditEntry.at)).where(AuditEntry.action == audit.BACKED_UP)
    return db.session.execute(query).scalar_one_or_none()


def _signatures() -> dict[SignatureState, int]:
    query = select(Signature.state, func.count()).group_by(Signature.state)
    found = dict(db.session.execute(query).all())
    return {state: found.get(state, 0) for state in SignatureState}


def _open_builds() -> tuple[int, datetime | None]:
    query = select(func.count(), func.min(BundleBuild.requested_at))
    number, oldest = db.session.execute(query.where(BundleBuild.state.in_(_OPEN))).one()
    return number, oldest


def _builds() -> list[BuildTimes]:
    """Builds are few, some a day: their times are added up here, alike on both databases."""
    query = select(BundleBuild.state, BundleBuild.requested_at, BundleBuild.finished_at)
    numbers: Counter[BuildState] = Counter()
    seconds: dict[BuildState, float] = dict.fromkeys(BuildState, 0.0)
    for state, asked, finished in db.session.execute(query.where(BundleBuild.state.not_in(_OPEN))):
        numbers[state] += 1
        seconds[state] += (finished - asked).total_seconds() if finished else 0
    return [BuildTimes(state, numbers[state], seconds[state]) for state in sorted(numbers)]
