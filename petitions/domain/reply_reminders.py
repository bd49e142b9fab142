"""Reminding whoever delivered that a reply or a follow-up is due: once for each day that was set.

The mail says neither of what nor to whom: the console does, to whoever signs in.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import InstrumentedAttribute

from petitions.domain import organiser_mail
from petitions.domain.deliveries import deliverers, follow_ups_due
from petitions.domain.delivery_week import awaiting_reply
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import Delivery, Mail, MailKind, MailState, Organisation, Organiser


def anything_due(now: datetime) -> bool:
    """Whether somebody is to be reminded. Only reads, so that idle workers never write."""
    return bool(_due(now))


def remind(site: Site, now: datetime) -> int:
    """Queue a mail for whoever sees to what is due; return how many mails.

    Several replies and follow-ups that are due to one organiser are one mail. Where nobody sees to
    a delivery, it is for whoever logged it; where that one may deliver no more, the overview alone
    reminds.
    """
    mails = 0
    told: set[int] = set()
    able = deliverers()
    for delivery, reminded in _due(now):
        # One of two workers that both saw it goes on: the row says that somebody was reminded.
        claimed = db.session.execute(
            update(Delivery)
            .where(Delivery.id == delivery.id, reminded.is_(None))
            .values({reminded: now})
            .returning(Delivery.id)
        ).first()
        who = delivery.deliverer_id or delivery.recorded_by
        if claimed is None or who is None or who not in able or who in told:
            continue
        told.add(who)
        if _waits_already(who):
            continue
        organiser = db.session.get_one(Organiser, who)
        mails += organiser_mail.enqueue(site, MailKind.REPLY_DUE, organiser, now)
    return mails


def _due(now: datetime) -> list[tuple[Delivery, InstrumentedAttribute[datetime | None]]]:
    """Return what nobody was reminded of, each with the column that says when somebody was."""
    organisation = db.session.get(Organisation, 1)
    zone = organisation.time_zone if organisation else "UTC"
    today = now.astimezone(ZoneInfo(zone)).date()
    kinds = (
        (awaiting_reply(today), Delivery.reply_reminded_at),
        (follow_ups_due(today), Delivery.follow_up_reminded_at),
    )
    return [
        (delivery, reminded)
        for waiting, reminded in kinds
        for delivery, _ in waiting
        if getattr(delivery, reminded.key) is None
    ]


def _waits_already(organiser_id: int) -> bool:
    waits = exists().where(
        Mail.organiser_id == organiser_id,
        Mail.kind == MailKind.REPLY_DUE,
        Mail.state == MailState.WAITING,
    )
    return bool(db.session.execute(select(waits)).scalar())
