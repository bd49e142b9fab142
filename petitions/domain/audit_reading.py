"""Reading the audit trail page by page: who did what, to what, when."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from petitions.extensions import db
from petitions.models import AuditEntry, day_after

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; what is empty does not narrow. Days are those of `zone`."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    first_on: date | None = None
    last_on: date | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and the numbers from which the pages beside this one go on."""

    entries: list[AuditEntry]
    newer: int | None
    older: int | None


def page_of(wanted: Wanted, *, before: int | None = None, after: int | None = None) -> Page:
    """Return one page: the newest entries, those older than `before`, or newer than `after`."""
    query = select(AuditEntry).where(*_conditions(wanted))
    if after is not None:
        upwards = query.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(PAGE)
        found = list(reversed(db.session.execute(upwards).scalars().all()))
    else:
        if before is not None:
            query = query.where(AuditEntry.id < before)
        downwards = query.order_by(AuditEntry.id.desc()).limit(PAGE)
        found = list(db.session.execute(downwards).scalars())
    if not found:
        return Page([], None, None)
    newest, oldest = found[0].id, found[-1].id
    return Page(
        found,
        newest if _any(wanted, AuditEntry.id > newest) else None,
        oldest if _any(wanted, AuditEntry.id < oldest) else None,
    )


def latest_of(condition: ColumnElement[bool], most: int) -> list[AuditEntry]:
    """Return the newest entries that a condition lets through."""
    query = select(AuditEntry).where(condition).order_by(AuditEntry.id.desc()).limit(most)
    return list(db.session.execute(query).scalars())


def actions() -> list[str]:
    """Return all words for what was done, in alphabetical order."""
    query = select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    return list(db.session.execute(query).scalars())


def _any(wanted: Wanted, condition: ColumnElement[bool]) -> bool:
    query: Select[int] = select(AuditEntry.id).where(*_conditions(wanted), condition).limit(1)
    return db.session.execute(query).first() is not None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.actor:
        found.append(AuditEntry.actor == wanted.actor)
    if wanted.action:
        found.append(AuditEntry.action == wanted.action)
    if wanted.subject:
        found.append(_about(wanted.subject))
    if wanted.first_on:
        found.append(AuditEntry.at >= _midnight(wanted.first_on, wanted.zone))
    if wanted.last_on:
        found.append(AuditEntry.at < _midnight(day_after(wanted.last_on), wanted.zone))
    return found


def _about(subject: str) -> ColumnElement[bool]:
    """Match a subject, or a beginning of it: 'petition 5' is not 'petition 51'."""
    beginning = subject if not subject[-1].isdigit() else f"{subject} "
    return or_(
        AuditEntry.subject == subject,
        AuditEntry.subject.startswith(beginning, autoescape=True),
    )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(max(day, _FIRST), time(), ZoneInfo(zone))


_FIRST = date(2000, 1, 1)
"""No entry is older; the calendar's own first day has no midnight in zones east of Greenwich."""
