"""Sign-ins of organisers: one row for each browser, so that they are listed and ended.

The browser's cookie holds a random key, the row its hash alone. No network address is kept.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from petitions.domain import audit
from petitions.extensions import db
from petitions.models import Organiser, OrganiserRole, OrganiserSession, Role

IDLE = timedelta(hours=3)
"""A sign-in that was not used for so long is over."""
LONGEST = timedelta(hours=24)
"""No sign-in lasts longer (OWASP ASVS 5.0, 7.3)."""
_SEEN_EVERY = timedelta(minutes=5)


def begin(organiser: Organiser, browser: str, now: datetime) -> str:
    """Begin a sign-in and return the key for the browser's cookie."""
    key = secrets.token_urlsafe(32)
    row = OrganiserSession(
        organiser_id=organiser.id,
        key_hash=_hash(key),
        browser=browser[:60],
        started_at=now,
        last_seen_at=now,
    )
    db.session.add(row)
    organiser.last_seen_at = now
    audit.record(_actor(organiser.id), "signed in", f"organiser {organiser.id}", {}, now)
    return key


def open_session(key: str, now: datetime) -> OrganiserSession | None:
    """Return the sign-in that a cookie's key belongs to, unless it is over."""
    query = select(OrganiserSession).where(OrganiserSession.key_hash == _hash(key))
    row = db.session.execute(query).scalar_one_or_none()
    if row is None or row.ended_at is not None:
        return None
    if now - row.last_seen_at > IDLE or now - row.started_at > LONGEST:
        return None
    return row


def is_due_to_be_seen(row: OrganiserSession, now: datetime) -> bool:
    """Whether the row should be told that its sign-in is still used."""
    return now - row.last_seen_at > _SEEN_EVERY


def seen(session_id: int, organiser_id: int, now: datetime) -> None:
    """Note that a sign-in is still used."""
    rows = update(OrganiserSession).where(OrganiserSession.id == session_id)
    db.session.execute(rows.values(last_seen_at=now))
    db.session.execute(
        update(Organiser).where(Organiser.id == organiser_id).values(last_seen_at=now)
    )


def end(key: str, now: datetime) -> None:
    """End the sign-in of a browser's key, as on signing out. Repeating it changes nothing."""
    _end(OrganiserSession.key_hash == _hash(key), now)


def end_one(organiser: Organiser, session_id: int, now: datetime) -> None:
    """End one of an organiser's own sign-ins."""
    mine = OrganiserSession.organiser_id == organiser.id
    if not _end((OrganiserSession.id == session_id) & mine, now):
        return
    detail = {"session": session_id}
    audit.record(_actor(organiser.id), "sign-in ended", f"organiser {organiser.id}", detail, now)


def end_others(organiser: Organiser, kept: str | None, now: datetime) -> None:
    """End all sign-ins of an organiser but the one with this key."""
    others = OrganiserSession.organiser_id == organiser.id
    if kept:
        others &= OrganiserSession.key_hash != _hash(kept)
    _end(others, now)
    audit.record(_actor(organiser.id), "sign-ins ended", f"organiser {organiser.id}", {}, now)


def sessions_of(organiser_id: int, now: datetime) -> list[OrganiserSession]:
    """Return the sign-ins of an organiser that are open, newest first."""
    query = (
        select(OrganiserSession)
        .where(OrganiserSession.organiser_id == organiser_id)
        .where(OrganiserSession.ended_at.is_(None))
        .where(OrganiserSession.last_seen_at > now - IDLE)
        .where(OrganiserSession.started_at > now - LONGEST)
        .order_by(OrganiserSession.id.desc())
    )
    return list(db.session.execute(query).scalars())


def is_key_of(row: OrganiserSession, key: str) -> bool:
    """Whether a sign-in is that of the browser with this key."""
    return secrets.compare_digest(row.key_hash, _hash(key))


def roles_of(organiser_id: int) -> frozenset[Role]:
    """Return the roles of an organiser."""
    query = select(OrganiserRole.role).where(OrganiserRole.organiser_id == organiser_id)
    return frozenset(db.session.execute(query).scalars())


def _end(which: object, now: datetime) -> bool:
    """End the open sign-ins of a condition; return whether there were any."""
    rows = update(OrganiserSession).where(which, OrganiserSession.ended_at.is_(None))  # type: ignore[arg-type]  # a condition
    rows = rows.values(ended_at=now).returning(OrganiserSession.id)
    ended = db.session.execute(rows.execution_options(synchronize_session=False)).scalars().all()
    return bool(ended)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _actor(organiser_id: int) -> str:
    return f"organiser {organiser_id}"
