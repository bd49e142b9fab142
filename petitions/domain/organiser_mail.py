"""Mail to organisers: invitations, links for a new password, notices that something was changed,
that a reply is due, that what was scheduled was not published.

Nothing of the signers' rules holds here: no budget of an address, no suppression. What a mail says
is decided when it is sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from petitions.domain.outbox import new_message_id, seal_address
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import Mail, MailKind, MailState, News, Organiser

MOST = 5
MOST_TRIED = 20
WITHIN = timedelta(hours=1)
TO_ORGANISERS = frozenset(
    {
        MailKind.PASSWORD_RESET,
        MailKind.INVITATION,
        MailKind.SECURITY_NOTICE,
        MailKind.REPLY_DUE,
        MailKind.SCHEDULE_STOPPED,
    }
)


def enqueue(site: Site, kind: MailKind, organiser: Organiser, now: datetime) -> bool:
    """Queue one mail to an organiser; say whether it waits, or was withheld as over budget.

    At most five of a kind within an hour. The kinds do not use up each other: whoever asks for new
    passwords in somebody's name must not keep the notice of it away.
    """
    if kind not in TO_ORGANISERS:
        raise ValueError(f"{kind} is no mail to organisers")
    about = {"language": organiser.language}
    return _enqueue(site, kind, organiser, about, now=now, most=MOST)


def try_news(site: Site, news: News, organiser: Organiser, language: str, now: datetime) -> bool:
    """Queue the mail of news to the organiser who asks for it; say whether it waits.

    At most twenty within an hour.
    """
    about = {"language": language, "news_id": news.id}
    return _enqueue(site, MailKind.NEWS, organiser, about, now=now, most=MOST_TRIED)


def _enqueue(
    site: Site,
    kind: MailKind,
    organiser: Organiser,
    about: Mapping[str, object],
    *,
    now: datetime,
    most: int,
) -> bool:
    waits = _queued(kind, organiser.id, now - WITHIN) < most
    message_id = new_message_id(site)
    row = {
        **about,
        "kind": kind,
        "state": MailState.WAITING if waits else MailState.WITHHELD,
        "organiser_id": organiser.id,
        "address_sealed": seal_address(site, organiser.email, message_id) if waits else None,
        "message_id": message_id,
        "created_at": now,
        "not_before": now,
        "attempts": 0,
        "outcome": None if waits else "over budget",
        "final_at": None if waits else now,
    }
    db.session.execute(insert(Mail).values(row))
    return waits


def latest_mails(organiser_id: int, most: int = 5) -> list[Mail]:
    """Return the newest mails to an organiser, newest first: what became of them is shown."""
    query = select(Mail).where(Mail.organiser_id == organiser_id, Mail.kind.in_(TO_ORGANISERS))
    return list(db.session.execute(query.order_by(Mail.id.desc()).limit(most)).scalars())


def _queued(kind: MailKind, organiser_id: int, since: datetime) -> int:
    """Count those that were let through: what was withheld must not hold up what comes after."""
    query = select(func.count()).where(
        Mail.organiser_id == organiser_id,
        Mail.kind == kind,
        Mail.created_at > since,
        Mail.state != MailState.WITHHELD,
    )
    return db.session.execute(query).scalar_one()
