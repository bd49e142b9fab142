"""Links under which an official fetches what a mail hands over: made, opened, counted, ended.

The files lie locked in a folder of their mail, under a key that is in the link and nowhere else.
They go when the link's days are over, when an organiser ends it, when the case is hidden, and when
somebody in an enclosed list was erased.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import exists, select, update

from petitions.domain import audit
from petitions.domain.official_mails import refuse_demonstration
from petitions.domain.site import Site
from petitions.errors import CannotOpen, CaseHidden, NotFound, Refused, TokenExpired, TokenUnknown
from petitions.extensions import db
from petitions.models import (
    Bundle,
    BundleSignature,
    Case,
    HandoverLink,
    OfficialMail,
    Petition,
    Signature,
)
from petitions.tokens import HANDED_OVER, bytes_of, text_of
from petitions.vault.files import lock_file, new_file_key, unlocked_parts

_MADE = ".made"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """Locked files that no link leads to yet, and the token of the one that will."""

    mail_id: int
    token: str = field(repr=False)
    key_hash: bytes
    files: tuple[tuple[str, int], ...]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link leads to: whose letter, which files with their bytes, until when."""

    link: HandoverLink
    mail: OfficialMail
    bundle: Bundle
    key: bytes = field(repr=False)

    @property
    def until(self) -> date:
        """The last whole day on which the link is good."""
        return last_day(self.link.ends_at)

    @property
    def files(self) -> list[tuple[str, int]]:
        """Name and bytes of each file."""
        return [(str(name), int(size)) for name, size in self.link.files]


def last_day(ends_at: datetime) -> date:
    """Return the last whole day (UTC) before a link ends."""
    return (ends_at - timedelta(days=1)).date()


def make(site: Site, mail: OfficialMail, files: list[Path], days: int, now: datetime) -> MadeLink:
    """Lock the files of a mail for a link; `open_link` has it lead to them. Stores no row."""
    key = new_file_key()
    folder = _folder(site, mail.id).with_suffix(_MADE)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    for file in files:
        with file.open("rb") as source, (folder / file.name).open("wb") as target:
            lock_file(source, target, key, _context(mail.id, file.name))
    return MadeLink(
        mail.id,
        site.tokens.mint(HANDED_OVER, [mail.id, text_of(key)], now),
        _hash(key),
        tuple((file.name, file.stat().st_size) for file in files),
        now + timedelta(days=days),
    )


def open_link(site: Site, made: MadeLink, now: datetime) -> None:
    """Let the link lead to its files, as its mail is about to be handed over."""
    link = db.session.get(HandoverLink, made.mail_id) or HandoverLink(mail_id=made.mail_id)
    link.key_hash, link.files = made.key_hash, [list(file) for file in made.files]
    link.made_at, link.ends_at, link.ended_at, link.fetched = now, made.ends_at, None, 0
    db.session.add(link)
    db.session.flush()
    folder = _folder(site, made.mail_id)
    shutil.rmtree(folder, ignore_errors=True)
    # Moved before the commit: files without a row are cleared, a row needs its files.
    folder.with_suffix(_MADE).replace(folder)


def withdraw(mail_id: int, now: datetime) -> None:
    """End the link of a mail that was not handed over: it is put together anew."""
    link = db.session.get(HandoverLink, mail_id)
    if link is not None and link.ended_at is None:
        link.ended_at = now
        db.session.flush()


def link_of(mail_id: int) -> HandoverLink | None:
    """Return the link of a mail, if it has one."""
    return db.session.get(HandoverLink, mail_id)


def link_of_delivery(delivery_id: int) -> HandoverLink | None:
    """Return the link of the mail that a delivery was logged for, if it has one."""
    query = select(HandoverLink).join(OfficialMail, OfficialMail.id == HandoverLink.mail_id)
    found = db.session.execute(query.where(OfficialMail.delivery_id == delivery_id).limit(1))
    return found.scalar_one_or_none()


def opened(site: Site, token: str, now: datetime) -> OpenedLink:
    """Return what a link leads to. Only reads.

    Raises TokenUnknown, TokenExpired (also where the link was ended, or a name in it erased),
    CaseHidden, and NotFound in a demonstration.
    """
    payload = site.tokens.read(HANDED_OVER, token, now)
    mail_id, key = int(payload[0]), bytes_of(payload[1])
    link = db.session.get(HandoverLink, mail_id, populate_existing=True)
    if link is None or link.key_hash != _hash(key):
        raise TokenUnknown("no link of this site")
    mail = db.session.get_one(OfficialMail, mail_id)
    bundle = db.session.get_one(Bundle, mail.bundle_id)
    try:
        refuse_demonstration(site, bundle)
    except Refused:
        raise NotFound("nothing of a demonstration is handed over") from None
    if _is_hidden(bundle):
        raise CaseHidden(f"the case of bundle {bundle.id} is hidden")
    if link.ended_at is not None or link.ends_at <= now or _holds_erased(mail):
        raise TokenExpired(payload)
    return OpenedLink(link, mail, bundle, key)


def fetch(site: Site, found: OpenedLink, number: int, now: datetime) -> tuple[str, Iterator[bytes]]:
    """Return the name and the content of a file, and count that it was fetched. Raises NotFound."""
    if not 1 <= number <= len(found.files):
        raise NotFound("no such file")
    name, _ = found.files[number - 1]
    try:
        source = (_folder(site, found.mail.id) / name).open("rb")
    except FileNotFoundError:
        raise NotFound("the file is gone") from None
    parts = unlocked_parts(source, found.key, _context(found.mail.id, name))
    try:
        first = next(parts)
    except CannotOpen:
        source.close()
        raise NotFound("the file does not open") from None
    counted = {"fetched": HandoverLink.fetched + 1, "last_fetched_at": now}
    of = HandoverLink.mail_id == found.mail.id
    db.session.execute(update(HandoverLink).where(of).values(counted))
    never = HandoverLink.first_fetched_at.is_(None)
    db.session.execute(update(HandoverLink).where(of, never).values(first_fetched_at=now))
    return name, _closing(source, chain([first], parts))


def end(mail: OfficialMail, *, actor: str, now: datetime) -> None:
    """End the link of a mail before its time. Raises Refused('over')."""
    link = db.session.get(HandoverLink, mail.id, with_for_update=True, populate_existing=True)
    if link is None or link.ended_at is not None or link.ends_at <= now:
        raise Refused("over")
    link.ended_at = now
    db.session.flush()
    subject = db.session.get_one(Bundle, mail.bundle_id).public_id
    audit.record(actor, "link of a mail ended", subject, {"mail": mail.id}, now)


def over(now: datetime) -> list[HandoverLink]:
    """Return the links that lead nowhere any more and are not marked so yet."""
    links = db.session.execute(select(HandoverLink).where(HandoverLink.ended_at.is_(None)))
    return [link for link in links.scalars() if link.ends_at <= now or _is_gone(link)]


def mark_over(now: datetime) -> int:
    """Mark the links that lead nowhere any more; return how many."""
    found = over(now)
    for link in found:
        link.ended_at = min(now, link.ends_at)
    db.session.flush()
    return len(found)


def clear(site: Site, now: datetime) -> int:
    """Remove files that no link leads to from the disk; return of how many mails.

    Only reads the database. Those of a mail that a worker has in hand are left to it.
    """
    if not _all(site).is_dir():
        return 0
    return sum(_cleared(folder, now) for folder in sorted(_all(site).iterdir()))


def _cleared(folder: Path, now: datetime) -> int:
    mail_id = int(folder.stem) if folder.stem.isdecimal() else 0
    mail = db.session.get(OfficialMail, mail_id)
    if mail is not None and mail.claimed_until is not None and mail.claimed_until > now:
        return 0
    link = db.session.get(HandoverLink, mail_id)
    if link is not None and link.ended_at is None and folder.suffix != _MADE:
        return 0
    shutil.rmtree(folder, ignore_errors=True)
    return 1


def _is_gone(link: HandoverLink) -> bool:
    mail = db.session.get_one(OfficialMail, link.mail_id)
    return _is_hidden(db.session.get_one(Bundle, mail.bundle_id)) or _holds_erased(mail)


def _is_hidden(bundle: Bundle) -> bool:
    query = select(Case.hidden_at).join(Petition, Petition.case_id == Case.id)
    return db.session.execute(query.where(Petition.id == bundle.petition_id)).scalar() is not None


def _holds_erased(mail: OfficialMail) -> bool:
    """Whether a list goes with a mail in which somebody was erased since."""
    erased = exists().where(
        BundleSignature.bundle_id == mail.bundle_id,
        Signature.id == BundleSignature.signature_id,
        Signature.is_wiped(),
    )
    return mail.with_list and bool(db.session.execute(select(erased)).scalar())


def _closing(source: BinaryIO, parts: Iterator[bytes]) -> Iterator[bytes]:
    with source:
        yield from parts


def _all(site: Site) -> Path:
    return site.outgoing.parent / "handed-over"


def _folder(site: Site, mail_id: int) -> Path:
    return _all(site) / str(mail_id)


def _hash(key: bytes) -> bytes:
    return hashlib.sha256(b"petitions handed over " + key).digest()


def _context(mail_id: int, name: str) -> bytes:
    return f"handed over {mail_id} {name}".encode()
