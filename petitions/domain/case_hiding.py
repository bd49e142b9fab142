"""Hiding a case at once, and showing it again. Both need a reason; readers never see it.

The reason may name a person in danger: its words are sealed in the audit trail, nowhere else.
"""

from datetime import datetime

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.case_covering import uncovered
from petitions.domain.case_finding import case_for_writing
from petitions.domain.case_permission import standing_of
from petitions.errors import CannotOpen, Refused
from petitions.extensions import db
from petitions.models import AuditEntry, Case
from petitions.vault import KeyRing

KEPT = "in the audit trail"
"""What the case itself says of the reason."""


def hide(case_id: int, reason: str, actor: str, now: datetime, keyring: KeyRing) -> Case:
    """Take a case and all that hangs on it off the public site: it answers 410 from the commit on.

    Raises NotFound, Refused: 'no reason', 'hidden already'.
    """
    case = case_for_writing(case_id)
    if not reason:
        raise Refused("no reason", "reason")
    if case.hidden_at is not None:
        raise Refused("hidden already")
    case.hidden_at, case.hidden_reason = now, KEPT
    db.session.flush()
    subject = f"case {case.id}"
    audit.record(actor, "case hidden", subject, {}, now, reason=reason, keyring=keyring)
    return case


def show_again(case_id: int, reason: str, actor: str, now: datetime, keyring: KeyRing) -> Case:
    """Put a hidden case back as it was.

    Raises NotFound, Refused: 'no reason', 'not hidden', and 'shows uncovered' where readers would
    see again what the permission does not cover.
    """
    case = case_for_writing(case_id)
    if not reason:
        raise Refused("no reason", "reason")
    if case.hidden_at is None:
        raise Refused("not hidden")
    counts = standing_of(case.id).counts
    if case.published_at is not None and counts is not None and any(uncovered(case, counts)):
        raise Refused("shows uncovered")
    case.hidden_at = case.hidden_reason = None
    db.session.flush()
    subject = f"case {case.id}"
    audit.record(actor, "case shown again", subject, {}, now, reason=reason, keyring=keyring)
    return case


def reason_hidden(case: Case, keyring: KeyRing) -> str:
    """Return why a case was hidden last, from the audit trail; empty where that was wiped."""
    query = select(AuditEntry).where(
        AuditEntry.subject == f"case {case.id}", AuditEntry.action == "case hidden"
    )
    entry = db.session.execute(query.order_by(AuditEntry.id.desc()).limit(1)).scalar_one_or_none()
    if entry is None:
        return ""
    try:
        return audit.reason_of(entry, keyring)
    except CannotOpen:
        return ""
