"""Mails that come back: each leaves with a return path of its own, and its report is taken in here.

The path holds a random id. The row keeps a hash of it, and the suppression key of the address
sealed under a key that is derived from it: only whoever brings the id back can have the address
suppressed, and nobody who reads the database can tell which address it was, or try guesses. So a
report's own words about the recipient, which anybody can forge, are never asked.
"""

import enum
import os
import re
from base64 import b32encode
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert

from petitions.domain import outbox
from petitions.domain.day_keys import upsert
from petitions.domain.outbox import BOUNCED, ClaimedMail
from petitions.domain.site import Site
from petitions.errors import CannotOpen
from petitions.extensions import db
from petitions.models import Mail, MailState, ReturnPath, Suppression
from petitions.vault import keyed_hash, open_with, seal_with

KEPT_FOR = timedelta(days=7)
"""How long a report is waited for: relays give up after five days at most."""
SUPPRESSED_FOR = timedelta(days=30)
"""A mailbox that was not there may be again."""
HARD, REFUSED, SOFT = "came back", "refused", "not delivered yet"
"""What stands in a mail's row, with the code of RFC 3463 behind it."""
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Taken(enum.StrEnum):
    """What became of a report."""

    HARD = "hard"
    REFUSED = "refused"
    SOFT = "soft"
    TOO_EARLY = "too early"
    """The mail is not marked as sent yet: bring it again."""
    IGNORED = "ignored"
    """Of no mail that is known here, or tells of no failure."""


def give_return_ids(site: Site, mails: Iterable[ClaimedMail], now: datetime) -> dict[int, str]:
    """Make an id for each of these mails, under which it may come back for a week."""
    ids, rows = {}, []
    for mail in mails:
        return_id = b32encode(os.urandom(20)).decode().lower()
        to_signer = mail.organiser_id is None and mail.address
        key = outbox.suppression_key(site, mail.address) if to_signer else b""
        ids[mail.id] = return_id
        rows.append(
            {
                "id_hash": _hash(site, return_id),
                "mail_id": mail.id,
                "sealed": seal_with(_key(site, return_id), key, b"return path"),
                "created_at": now,
            }
        )
    if rows:
        db.session.execute(insert(ReturnPath).values(rows))
    return ids


def take_report(site: Site, return_id: str, action: str, status: str, now: datetime) -> Taken:
    """Note what a report tells of the mail that came back; repeating it changes nothing.

    For good (failed, 5.x.x) the address gets no more mail. Not so where the mail was refused for
    what it is or whom it comes from (5.7.x): that is not the address's fault.
    """
    path = db.session.get(ReturnPath, _hash(site, return_id.lower()))
    if path is None or now - path.created_at > KEPT_FOR or not _STATUS.fullmatch(status):
        return Taken.IGNORED
    taken = _judged(action.lower(), status)
    if taken is Taken.IGNORED:
        return taken
    mail = db.session.get(Mail, path.mail_id, populate_existing=True, with_for_update=True)
    if mail is None:
        return Taken.IGNORED
    if mail.state is MailState.WAITING:
        return Taken.TOO_EARLY
    if taken is Taken.HARD:
        _suppress(site, path, return_id, now)
        if mail.signature_id is not None:
            outbox.cancel_about([mail.signature_id], BOUNCED, now)
    word = {Taken.HARD: HARD, Taken.REFUSED: REFUSED, Taken.SOFT: SOFT}[taken]
    known_for_good = (mail.outcome or "").startswith((HARD, REFUSED))
    if mail.state is MailState.SENT and not known_for_good:
        mail.outcome = f"{word} {status}"
        db.session.flush()
    return taken


def note_no_such_address(site: Site, mail: ClaimedMail, now: datetime) -> None:
    """Send nothing more to an address that the relay itself does not know, and cancel what waits.

    As a report would have it that comes back later.
    """
    if mail.organiser_id is None and mail.address:
        _refuse_address(outbox.suppression_key(site, mail.address), now)
    if mail.signature_id is not None:
        outbox.cancel_about([mail.signature_id], BOUNCED, now)


def hash_of_return_id(site: Site, return_id: str) -> bytes:
    """Return what is kept of an id under which a mail may come back."""
    return _hash(site, return_id)


def forget_return_paths(now: datetime) -> None:
    """Delete paths that nothing comes back on any more, and let addresses be tried again."""
    db.session.execute(delete(ReturnPath).where(ReturnPath.created_at < now - KEPT_FOR))
    db.session.execute(
        delete(Suppression).where(
            Suppression.reason == BOUNCED, Suppression.created_at < now - SUPPRESSED_FOR
        )
    )


def _judged(action: str, status: str) -> Taken:
    if action == "failed" and status.startswith("5."):
        return Taken.REFUSED if status.startswith("5.7.") else Taken.HARD
    return Taken.SOFT if action in {"failed", "delayed"} else Taken.IGNORED


def _suppress(site: Site, path: ReturnPath, return_id: str, now: datetime) -> None:
    try:
        key = open_with(_key(site, return_id.lower()), path.sealed, b"return path")
    except CannotOpen:  # stored under another vault key
        return
    if key:
        _refuse_address(key, now)


def _refuse_address(key: bytes, now: datetime) -> None:
    row = {"key": key, "reason": BOUNCED, "created_at": now}
    statement = upsert(Suppression).values(row)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def _hash(site: Site, return_id: str) -> bytes:
    return keyed_hash(site.keyring.derived("return paths"), "hash", return_id)


def _key(site: Site, return_id: str) -> bytes:
    return keyed_hash(site.keyring.derived("return paths"), "key", return_id)
