"""The audit trail: what was done, by whom, chained so that a later change is seen.

Each entry's hash covers its salt, its content and the hash before. A reason that names a person
does not belong into `detail`: it is sealed beside it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, text

from petitions.extensions import db
from petitions.models import AuditEntry

BEGINNING = "0" * 64
_LOCK = 7_310_420  # any number, the same everywhere: one writer of the chain at a time


def record(
    actor: str, action: str, subject: str, detail: Mapping[str, object], now: datetime
) -> AuditEntry:
    """Add an entry at the end of the chain. `detail` is JSON-able and names nobody."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    entry = AuditEntry(
        at=now.replace(microsecond=0),
        actor=actor,
        action=action,
        subject=subject,
        detail=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        salt=os.urandom(16),
        previous_hash=db.session.execute(last).scalar_one_or_none() or BEGINNING,
    )
    entry.hash = _hash(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def entries() -> list[AuditEntry]:
    """Return the whole trail, oldest first."""
    return list(db.session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars())


def first_broken() -> int | None:
    """Return the id of the first entry that does not fit its chain, or None where all do."""
    previous = BEGINNING
    for entry in entries():
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return entry.id
        previous = entry.hash
    return None


def _hash(entry: AuditEntry) -> str:
    content = [
        entry.salt.hex(),
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
