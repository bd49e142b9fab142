"""The audit trail: what was done, by whom, chained so that a later change is seen.

Each entry's hash covers its salt, its content and the hash before. A reason that names a person
does not belong into `detail`: it is sealed beside it.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, text, update

from petitions.errors import KeyMissing
from petitions.extensions import db
from petitions.models import AuditEntry
from petitions.vault import KeyRing, open_with, padded, seal_with

BEGINNING = "0" * 64
NO_ACCOUNT = "no account"
"""The subject of an entry about an address that no organiser has. The address stays out."""
BACKED_UP = "backup written"
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_REASONS = "audit reasons"
_PART = 500
"""How many entries are in memory at a time."""
_LOCK = 7_310_420  # any number, the same everywhere: one writer of the chain at a time


@dataclass(frozen=True, slots=True)
class Check:
    """What came of checking the chain. `broken` is the first entry that does not fit."""

    entries: int
    first_hash: str
    last_hash: str
    since: datetime | None
    until: datetime | None
    broken: int | None
    expected_found: bool


def record(
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
    *,
    reason: str = "",
    keyring: KeyRing | None = None,
) -> AuditEntry:
    """Add an entry at the end of the chain. `detail` is JSON-able and names nobody.

    `reason` is what an organiser wrote and may name a person: it is sealed beside the entry, and
    `keyring` is needed for it. The chain covers its digest: it can be wiped but not changed.
    """
    sealed = _sealed(reason, keyring) if reason else None
    if sealed is not None:
        detail = {**detail, "reason_sha256": hashlib.sha256(sealed).hexdigest()}
    # What is pending takes its row locks before the chain's: the other way round, one who signs in
    # and one who changes that account would wait for each other.
    db.session.flush()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    entry = AuditEntry(
        at=now.replace(microsecond=0),
        actor=actor,
        action=action,
        subject=subject,
        detail=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        reason_sealed=sealed,
        salt=os.urandom(16),
        previous_hash=db.session.execute(last).scalar_one_or_none() or BEGINNING,
    )
    entry.hash = _hash(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def entries() -> list[AuditEntry]:
    """Return the whole trail at once, oldest first."""
    return list(stream())


def record_once(
    actor: str, action: str, subject: str, detail: Mapping[str, object], now: datetime
) -> None:
    """Add an entry unless the actor's newest one, at most a minute old, says the same."""
    newest = select(AuditEntry).where(AuditEntry.actor == actor)
    last = db.session.execute(newest.order_by(AuditEntry.id.desc()).limit(1)).scalar_one_or_none()
    told = json.dumps(detail, sort_keys=True, ensure_ascii=False)
    if last is None or now - last.at > timedelta(minutes=1):
        is_new = True
    else:
        is_new = (last.action, last.subject, last.detail) != (action, subject, told)
    if is_new:
        record(actor, action, subject, detail, now)


def latest(subject: str) -> AuditEntry | None:
    """Return the newest entry about a subject, such as 'case 3'."""
    query = select(AuditEntry).where(AuditEntry.subject == subject)
    return db.session.execute(query.order_by(AuditEntry.id.desc()).limit(1)).scalar_one_or_none()


def stream(last: int = 0) -> Iterator[AuditEntry]:
    """Yield all entries, oldest first, of which only a part is in memory at any time."""
    while True:
        query = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(_PART)
        fresh = query.execution_options(populate_existing=True)  # what is checked is what is there
        part = list(db.session.execute(fresh).scalars())
        yield from part
        if len(part) < _PART:
            return
        last = part[-1].id


def is_hash(text: str) -> bool:
    """Whether a text may be the hash of an entry, whole."""
    return _HASH.fullmatch(text) is not None


def check(expected: str = "") -> Check:
    """Walk the whole chain. `expected` is a hash noted earlier, which must still be in it.

    An entry that was changed, taken out or put in breaks the chain. Where the newest entries are
    cut off the chain still fits: only a hash that was noted elsewhere shows that.
    """
    previous, number, broken = BEGINNING, 0, None
    first: AuditEntry | None = None
    last: AuditEntry | None = None
    wanted = "".join(expected.split()).lower()
    found = not wanted
    for entry in stream():
        number += 1
        first, last = first or entry, entry
        if broken is None and not _fits(entry, previous):
            broken = entry.id
        found = found or entry.hash == wanted
        previous = entry.hash
    return Check(
        entries=number,
        first_hash=first.hash if first else "",
        last_hash=last.hash if last else "",
        since=first.at if first else None,
        until=last.at if last else None,
        broken=broken,
        expected_found=found,
    )


def first_broken() -> int | None:
    """Return the id of the first entry that does not fit its chain, or None where all do."""
    return check().broken


def reason_of(entry: AuditEntry, keyring: KeyRing) -> str:
    """Open the reason beside an entry; empty where there is none. Raises CannotOpen."""
    if entry.reason_sealed is None:
        return ""
    key = keyring.derived(_REASONS)
    return open_with(key, entry.reason_sealed, _REASONS.encode()).decode().rstrip()


def wipe_reasons(subjects: Sequence[str]) -> int:
    """Wipe the reasons beside all entries about these subjects; return how many there were.

    The chain covers a digest of each reason as it was sealed, under a nonce that goes with it: the
    entries stand, still fit, and show that a reason was given and wiped.
    """
    wiped = (
        update(AuditEntry)
        .where(AuditEntry.subject.in_(subjects), AuditEntry.reason_sealed.is_not(None))
        .values(reason_sealed=None)
        .returning(AuditEntry.id)
    )
    return len(db.session.execute(wiped).scalars().all())


def has_reasons(subject: str) -> bool:
    """Whether a reason is kept beside any entry about a subject."""
    kept = exists().where(AuditEntry.subject == subject, AuditEntry.reason_sealed.is_not(None))
    return bool(db.session.execute(select(kept)).scalar())


def was_wiped(entry: AuditEntry) -> bool:
    """Whether a reason was given for an entry and has been wiped since."""
    return entry.reason_sealed is None and "reason_sha256" in json.loads(entry.detail)


def _sealed(reason: str, keyring: KeyRing | None) -> bytes:
    if keyring is None:
        raise KeyMissing("a reason is sealed or not kept at all")
    return seal_with(keyring.derived(_REASONS), padded(reason.encode()), _REASONS.encode())


def _fits(entry: AuditEntry, previous_hash: str) -> bool:
    """Whether an entry follows on a hash, and neither it nor the reason beside it was changed.

    A reason that was wiped is no fault: that is what it is kept apart for.
    """
    if entry.previous_hash != previous_hash or entry.hash != _hash(entry):
        return False
    if entry.reason_sealed is None:
        return True
    digest = hashlib.sha256(entry.reason_sealed).hexdigest()
    return bool(json.loads(entry.detail).get("reason_sha256") == digest)


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
