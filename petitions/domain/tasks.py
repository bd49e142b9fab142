"""What is to be done first: what waits for somebody, over all cases and petitions.

Read only. What somebody may see of it is decided by who asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select

from petitions.domain import build_agreements, reach
from petitions.domain.case_finding import CaseLine, case_lines
from petitions.domain.organiser_mail import TO_ORGANISERS
from petitions.domain.petition_lists import PetitionRow, petition_rows
from petitions.extensions import db
from petitions.models import (
    AuditEntry,
    BuildAgreement,
    BuildState,
    BundleBuild,
    CaseUpdate,
    Mail,
    MailState,
    Organisation,
    Permission,
    PermissionGiver,
    PetitionState,
    Signature,
    SignatureState,
    Verification,
)

SOON = timedelta(days=7)
LONG = timedelta(minutes=15)
"""A mail that could have gone for so long tells of a worker or a relay that stands still."""
_ALWAYS_PUBLIC = ("case ", "petition ", "official ", "contact office ", "delivery ", "build ")
_GUESSES = ("wrong password", "wrong code", "wrong recovery code")
_NO_NEWS = frozenset({"signed in", "refused", "sign-in ended", "sign-ins ended", *_GUESSES})
_MANY_GUESSES = 10


@dataclass(frozen=True, slots=True)
class Closing:
    """An open petition whose last day is near. `days` is 0 on the last day itself."""

    row: PetitionRow
    days: int


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """How many mails failed within a week, and how many wait though they could have gone."""

    failed: int
    waiting: int
    to_organisers: int
    """Of those that failed, mails to organisers."""


@dataclass(frozen=True, slots=True)
class Today:
    """The numbers of one open petition."""

    row: PetitionRow
    created_today: int
    confirmed_today: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All cases and petitions as they stand, read once for what is asked of them."""

    petitions: tuple[PetitionRow, ...]
    cases: tuple[CaseLine, ...]
    now: datetime
    zone: str
    titles: dict[int, CaseLine] = field(default_factory=dict)

    def today(self) -> date:
        """Return the organisation's day."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


def standing(wishes: Sequence[str], now: datetime) -> Standing:
    """Return how all cases and petitions stand; titles in the reader's language."""
    organisation = db.session.get(Organisation, 1)
    zone = organisation.time_zone if organisation else "UTC"
    cases = case_lines(wishes)
    return Standing(petition_rows(wishes, now), cases, now, zone, {line.id: line for line in cases})


def closing_soon(of: Standing) -> list[Closing]:
    """Return open petitions whose last day is today or within a week, the nearest first."""
    found = []
    for row in of.petitions:
        if row.state is PetitionState.OPEN and row.deadline_on is not None and not row.is_past:
            days = (row.deadline_on - of.now.astimezone(ZoneInfo(row.time_zone)).date()).days
            if timedelta(days=days) <= SOON:
                found.append(Closing(row, days))
    return sorted(found, key=lambda closing: (closing.days, closing.row.id))


def drafts_of_updates() -> list[tuple[int, int]]:
    """Return (case, update) of updates that are not published, oldest first."""
    query = select(CaseUpdate.case_id, CaseUpdate.id).where(CaseUpdate.published_at.is_(None))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(CaseUpdate.id))]


def cases_waiting_for_a_second() -> list[int]:
    """Return cases where nobody could be asked, and no second organiser has agreed yet."""
    newest = select(func.max(Permission.id)).group_by(Permission.case_id)
    query = select(Permission.case_id).where(
        Permission.id.in_(newest),
        Permission.given_by == PermissionGiver.NOBODY,
        Permission.second_organiser.is_(None),
    )
    return list(db.session.execute(query.order_by(Permission.case_id)).scalars())


def mail_trouble(now: datetime) -> MailTrouble:
    """Count mails that failed within a week, and those that should have left by now."""
    failed = (Mail.state == MailState.FAILED) & (Mail.final_at > now - SOON)
    stuck = (Mail.state == MailState.WAITING) & (Mail.not_before < now - LONG)
    return MailTrouble(
        failed=_count(Mail, failed),
        waiting=_count(Mail, stuck),
        to_organisers=_count(Mail, failed & Mail.kind.in_(TO_ORGANISERS)),
    )


def guesses(now: datetime) -> int:
    """Count wrong passwords and codes of a day, where there are more than people mistype."""
    since = AuditEntry.at > now - timedelta(days=1)
    found = _count(AuditEntry, AuditEntry.action.in_(_GUESSES) & since)
    return found if found >= _MANY_GUESSES else 0


def bundles_waiting_for_a_second(now: datetime, organiser_id: int) -> list[BuildAgreement]:
    """Return bundles of sealed cases that somebody else asked for, and that nobody agreed to."""
    found = build_agreements.open_agreements(now)
    return [
        one for one in found if build_agreements.waits(one, now) and one.asked_by != organiser_id
    ]


def bundles_agreed_to(now: datetime) -> list[BuildAgreement]:
    """Return bundles of sealed cases that were agreed to and can be built."""
    found = build_agreements.open_agreements(now)
    return [one for one in found if build_agreements.is_good(one, now) and one.build_id is None]


def builds_running() -> list[BundleBuild]:
    """Return builds that wait or run, oldest first."""
    is_open = BundleBuild.state.in_([BuildState.WAITING, BuildState.RUNNING])
    query = select(BundleBuild).where(is_open).order_by(BundleBuild.id)
    return list(db.session.execute(query).scalars())


def numbers_today(of: Standing) -> list[Today]:
    """Return the numbers of each open petition: what came in since the organisation's midnight."""
    rows = [row for row in of.petitions if row.state is PetitionState.OPEN]
    midnight = datetime.combine(of.today(), time(), ZoneInfo(of.zone))
    ids = [row.id for row in rows]
    created = _by_petition(ids, Signature.created_at >= midnight)
    confirmed = _by_petition(
        ids,
        Signature.state == SignatureState.CONFIRMED,
        Signature.verified_by == Verification.EMAIL,  # attested ones are counted apart
        Signature.confirmed_at >= midnight,
    )
    return [Today(row, created.get(row.id, 0), confirmed.get(row.id, 0)) for row in rows]


def recent(most: int, *, sees_signers: bool, reads_all: bool) -> list[AuditEntry]:
    """Return the last things that were done, as far as they concern whoever asks."""
    query = select(AuditEntry).where(AuditEntry.action.not_in(_NO_NEWS))
    if not reads_all:
        seen = [*_ALWAYS_PUBLIC, *(["signature "] if sees_signers else [])]
        query = query.where(or_(*_subjects(seen)))
    if (own := reach.of_audit()) is not None:
        query = query.where(own)
    return list(db.session.execute(query.order_by(AuditEntry.id.desc()).limit(most)).scalars())


def _subjects(beginnings: Iterable[str]) -> list[ColumnElement[bool]]:
    found = [AuditEntry.subject.startswith(one, autoescape=True) for one in beginnings]
    return [*found, AuditEntry.subject == "organisation", AuditEntry.action.startswith("bundle")]


def _count(of: Any, condition: Any) -> int:
    query = select(func.count()).select_from(of).where(condition)
    return db.session.execute(query).scalar_one()


def _by_petition(ids: list[int], *conditions: ColumnElement[bool]) -> dict[int, int]:
    query = select(Signature.petition_id, func.count()).where(
        Signature.petition_id.in_(ids), *conditions
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Signature.petition_id))}
