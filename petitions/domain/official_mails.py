"""Mailing a bundle's letter to an official: asked for by an organiser, sent at a pace, evidenced.

A demonstration never mails an official: it cannot even be asked for there. What the relay answered,
and what a report that comes back says, are kept: an office's address is nobody's secret.
"""

import os
from base64 import b32encode
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from petitions.domain import audit, deliveries
from petitions.domain.bounces import hash_of_return_id
from petitions.domain.case_keys import is_sealed
from petitions.domain.deliveries import DeliveryFacts
from petitions.domain.outbox import new_message_id
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    Bundle,
    Channel,
    ContactKind,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    OfficialContact,
    OfficialMail,
    OfficialMailState,
    Petition,
)

LEASE = timedelta(minutes=10)
"""For writing what is attached; a long list takes minutes."""
ATTEMPTS = 8
_PAUSES = (1, 5, 15, 60, 240, 480, 720)  # minutes; the last ones reach over a night
LONGEST_REPLY, LONGEST_REPORT = 2000, 40_000
_S = OfficialMailState


def addresses_of(official_id: int) -> list[str]:
    """Return the e-mail addresses of an official as the directory has them."""
    query = select(OfficialContact.value).where(
        OfficialContact.official_id == official_id, OfficialContact.kind == ContactKind.EMAIL
    )
    return list(db.session.execute(query.order_by(OfficialContact.position)).scalars())


def mails_of(bundle_id: int) -> list[OfficialMail]:
    """Return the mails that a bundle's letter went out with, newest first."""
    query = select(OfficialMail).where(OfficialMail.bundle_id == bundle_id)
    return list(db.session.execute(query.order_by(OfficialMail.id.desc())).scalars())


def mail_numbered(mail_id: int) -> OfficialMail:
    """Return a mail to an official. Raises NotFound."""
    mail = db.session.get(OfficialMail, mail_id)
    if mail is None:
        raise NotFound("no such mail")
    return mail


def ask(
    site: Site,
    bundle: Bundle,
    address: str,
    *,
    with_list: bool,
    by_link: bool = False,
    organiser_id: int,
    now: datetime,
) -> OfficialMail:
    """Ask for a bundle's letter to be mailed to one of its official's addresses.

    `by_link` has the files fetched from this site instead of attached.

    Raises Refused: 'demonstration'; 'no address' where the directory has not this one; 'no names'
    and 'sealed' where a list is wanted that does not go there or cannot be opened; 'under way'
    where a mail to that address waits already.
    """
    refuse_demonstration(site, bundle)
    if address not in addresses_of(bundle.official_id):
        raise Refused("no address", "address")
    if with_list:
        if not bundle.names_go or bundle.named + bundle.initials == 0:
            raise Refused("no names", "with_list")
        if is_sealed(db.session.get_one(Petition, bundle.petition_id).case_id):
            raise Refused("sealed", "with_list")
    db.session.refresh(bundle, with_for_update=True)
    open_states = (_S.WAITING, _S.HANDING_OVER)
    if any(one.address == address and one.state in open_states for one in mails_of(bundle.id)):
        raise Refused("under way", "address")
    mail = OfficialMail(
        bundle_id=bundle.id,
        address=address,
        with_list=with_list,
        by_link=by_link,
        state=_S.WAITING,
        message_id=new_message_id(site),
        not_before=now,
        asked_by=organiser_id,
        asked_at=now,
        reply="",
        report="",
        attempts=0,
    )
    db.session.add(mail)
    db.session.flush()
    detail = {"mail": mail.id, "list": with_list, **({"link": True} if by_link else {})}
    actor = f"organiser {organiser_id}"
    audit.record(actor, "mail to an official asked for", bundle.public_id, detail, now)
    return mail


def cancel(mail: OfficialMail, *, actor: str, now: datetime) -> None:
    """Take back a mail that is not on its way yet. Raises Refused('over')."""
    db.session.refresh(mail, with_for_update=True)
    if mail.state is not _S.WAITING:
        raise Refused("over")
    mail.state = _S.CANCELLED
    db.session.flush()
    subject = db.session.get_one(Bundle, mail.bundle_id).public_id
    audit.record(actor, "mail to an official cancelled", subject, {"mail": mail.id}, now)


def refuse_demonstration(site: Site, bundle: Bundle) -> None:
    """Raise Refused('demonstration'): nothing of a demonstration ever reaches an official."""
    told = (bundle.letter or {}).get("letter", {})
    if site.demonstration or told.get("demonstration", False):
        raise Refused("demonstration")


def due(now: datetime, pace: timedelta) -> int | None:
    """Return the mail whose turn it is, or None; `pace` lies between two mails. Only reads."""
    last = db.session.execute(select(func.max(OfficialMail.handed_at))).scalar_one_or_none()
    if last is not None and now < last + pace:
        return None
    free = or_(OfficialMail.claimed_until.is_(None), OfficialMail.claimed_until <= now)
    query = select(OfficialMail.id).where(
        free,
        or_(
            (OfficialMail.state == _S.WAITING) & (OfficialMail.not_before <= now),
            OfficialMail.state == _S.HANDING_OVER,
        ),
    )
    return db.session.execute(query.order_by(OfficialMail.id).limit(1)).scalar_one_or_none()


def claim(mail_id: int, now: datetime) -> OfficialMail | None:
    """Claim a mail for the length of a lease; None where there is nothing to send.

    One that was being handed over when its worker ended has failed: nobody knows whether it
    arrived, and an organiser decides.
    """
    mail = db.session.get(OfficialMail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None or (mail.claimed_until is not None and mail.claimed_until > now):
        return None
    if mail.state is _S.HANDING_OVER:
        _fail(mail, "the worker ended while the relay was given it: it may have arrived", now)
        return None
    if mail.state is not _S.WAITING:
        return None
    if mail.attempts >= ATTEMPTS:
        _fail(mail, "it could not be put together; the worker's log tells more", now)
        return None
    mail.attempts += 1
    mail.claimed_until = now + LEASE
    db.session.flush()
    return mail


def begin(site: Site, mail: OfficialMail, now: datetime) -> str:
    """Note that a mail is about to be handed over; return the id under which it may come back."""
    return_id = b32encode(os.urandom(20)).decode().lower()
    mail.state, mail.handed_at = _S.HANDING_OVER, now
    mail.return_hash = hash_of_return_id(site, return_id)
    db.session.flush()
    return return_id


def accepted(mail: OfficialMail, reply: str, now: datetime) -> Delivery:
    """Keep what the relay answered, and log the delivery."""
    mail.state, mail.reply, mail.claimed_until = _S.SENT, reply[:LONGEST_REPLY], None
    bundle = db.session.get_one(Bundle, mail.bundle_id)
    facts = DeliveryFacts(
        state=DeliveryState.DONE,
        channel=Channel.EMAIL,
        attempted_at=now,
        outcome=DeliveryOutcome.EMAILED,
    )
    delivery = deliveries.log(bundle, facts, organiser_id=mail.asked_by, now=now)
    mail.delivery_id = delivery.id
    db.session.flush()
    return delivery


def put_off(mail: OfficialMail, reply: str, now: datetime) -> None:
    """Let a mail that met a passing fault be tried again later; the last attempt fails."""
    if mail.attempts >= ATTEMPTS:
        _fail(mail, reply, now)
        return
    mail.state, mail.reply, mail.claimed_until = _S.WAITING, reply[:LONGEST_REPLY], None
    mail.not_before = now + timedelta(minutes=_PAUSES[mail.attempts - 1])
    db.session.flush()


def refused(mail: OfficialMail, reply: str, now: datetime) -> None:
    """Keep why a mail was refused for good."""
    _fail(mail, reply, now)


def take_report(site: Site, return_id: str, report: str, *, failed: bool, now: datetime) -> bool:
    """Keep a report that came back for a mail to an official; return whether it is of one.

    Where it failed for good, its delivery has come back. Repeating it changes nothing.
    """
    hashed = hash_of_return_id(site, return_id.lower())
    query = select(OfficialMail).where(OfficialMail.return_hash == hashed).with_for_update()
    mail = db.session.execute(query).scalar_one_or_none()
    if mail is None:
        return False
    if mail.returned_at is not None:
        return True
    mail.report = report.replace("\0", "")[:LONGEST_REPORT]
    if failed:
        mail.returned_at = now
        subject = db.session.get_one(Bundle, mail.bundle_id).public_id
        audit.record(
            "mail server", "mail to an official came back", subject, {"mail": mail.id}, now
        )
        if mail.delivery_id is not None:
            _mark_returned(db.session.get_one(Delivery, mail.delivery_id), now)
    db.session.flush()
    return True


def _mark_returned(delivery: Delivery, now: datetime) -> None:
    if delivery.outcome is not DeliveryOutcome.EMAILED:  # an organiser has corrected it
        return
    told = {name: getattr(delivery, name) for name in deliveries.FIELDS}
    facts = DeliveryFacts(**{**told, "outcome": DeliveryOutcome.RETURNED})
    deliveries.correct(delivery, facts, seen="", actor="mail server", now=now)


def _fail(mail: OfficialMail, why: str, now: datetime) -> None:
    mail.state, mail.reply, mail.claimed_until = _S.FAILED, why[:LONGEST_REPLY], None
    db.session.flush()
    subject = db.session.get_one(Bundle, mail.bundle_id).public_id
    audit.record("worker", "mail to an official failed", subject, {"mail": mail.id}, now)
