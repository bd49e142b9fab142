"""The outbox: mails queued in the transaction of what they are about; claimed, marked, retried.

The address is sealed under the server's mail key and wiped the moment a mail is final. Whatever a
form was about, the same rows are written for every address: the difference travels by mail only.

A form that signs queues a reminder as well, which waits for two days and is cancelled by
confirming. Where there is nobody to remind, its row is written all the same, cancelled and empty.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Insert, Select, and_, bindparam, insert, or_, select, update

from petitions.domain.budgets import spend
from petitions.domain.case_keys import SEALED
from petitions.domain.pacing import BUSY_NETWORK, GAP, OVER_BUDGET, REMINDER, Due, Held, hold_back
from petitions.domain.prepared import Prepared, binds_of, table_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen
from petitions.extensions import db
from petitions.models import CaseKey, Mail, MailKind, MailState, Petition, Suppression
from petitions.vault import canonical_address, keyed_hash, open_with, padded, seal_with

LEASE = timedelta(seconds=15)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
"""Growing pauses between attempts; after the last a mail has failed."""
TRIED_AGAIN_AFTER = timedelta(minutes=1)
"""How long a mail waits that was claimed when the relay turned out to be down."""
KEPT_FOR_THE_RELAY = timedelta(days=10)
_ROUNDS = 25
NOTHING_TO_REMIND_OF = "nothing to remind of"
SUPPRESSED, BOUNCED = "suppressed", "mail to it came back"
"""Why an address gets no mail: its owner wants none, or a mail could not be delivered there."""
HANDING_OVER = "being handed over"
"""What stands in the row of news from right before it is handed to the relay."""
UNKNOWN = "not known whether it arrived"
"""What stands there where a worker or the relay ended in that moment: it is not sent again."""
_IS_REMINDER = Mail.kind == MailKind.REMINDER


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this worker may send now; its address is empty where it did not open."""

    id: int
    kind: MailKind
    petition_id: int | None
    signature_id: int | None
    organiser_id: int | None
    language: str
    message_id: str
    created_at: datetime
    attempts: int
    address: str = field(repr=False)
    news_id: int | None = None
    outcome: str | None = None

    @property
    def once(self) -> bool:
        """Whether it goes at most once, rather than at least once: news to a signer."""
        return self.kind is MailKind.NEWS and self.organiser_id is None


def enqueue(
    site: Site,
    kind: MailKind,
    *,
    address: str,
    petition_id: int | None,
    signature_id: int | None,
    language: str,
    now: datetime,
    reminds: bool | None = None,
    slow_until: datetime | None = None,
) -> None:
    """Queue one mail, within its budgets; over them, or suppressed, it is withheld with a word.

    With `reminds` a reminder is queued as well; one that is not to go where it is False. From a
    busy network it waits until `slow_until`, and says so.
    """
    canonical = canonical_address(address)
    allowance = spend(
        site.budgets,
        site.keyring,
        canonical,
        petition_id,
        now,
        today=site.day_keys.here(now),
        not_before=slow_until,
    )
    suppressed = suppressed_because(site, canonical)
    withheld = suppressed or (None if allowance.allowed else OVER_BUDGET)
    about = {"petition_id": petition_id, "signature_id": signature_id, "language": language}
    due = max(allowance.not_before, now)
    first: dict[str, Any] = {"kind": kind, **about, **waiting_row(site, address, due, now)}
    if due != now:
        slow = slow_until is not None and due <= slow_until
        first["held"] = BUSY_NETWORK if slow else GAP
    if withheld:
        first |= final_row(MailState.WITHHELD, withheld, now)
    second = None
    if reminds is not None and site.budgets.reminder_hours:
        at = now + timedelta(hours=site.budgets.reminder_hours)
        second = {"kind": MailKind.REMINDER, **about, **waiting_row(site, address, at, now)}
        second |= {"held": REMINDER, "budgeted": False}
        if suppressed or not reminds:
            second |= final_row(MailState.CANCELLED, NOTHING_TO_REMIND_OF, now)
    _put(first, second)


def _put(first: dict[str, Any], second: dict[str, Any] | None) -> None:
    if second is None:
        _ONE_MAIL.run(**_numbered(0, first))
    else:
        _TWO_MAILS.run(**_numbered(0, first), **_numbered(1, second))


def _numbered(number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_{number}": value for name, value in row.items()}


def _mails(number: int) -> Insert:
    rows = [binds_of(Mail, f"_{n}") for n in range(number)]
    return insert(table_of(Mail)).values(rows).inline()


_ONE_MAIL, _TWO_MAILS = Prepared(lambda _: _mails(1)), Prepared(lambda _: _mails(2))


def waiting_row(site: Site, address: str, at: datetime, now: datetime) -> dict[str, object]:
    """Return the columns of a mail that waits until a moment."""
    message_id = new_message_id(site)
    return {
        "state": MailState.WAITING,
        "address_sealed": seal_address(site, address, message_id),
        "message_id": message_id,
        "created_at": now,
        "not_before": at,
        "held": None,
        "budgeted": True,
        "paced": False,
        "organiser_id": None,
        "news_id": None,
        "attempts": 0,
        "outcome": None,
        "final_at": None,
        "claimed_by": None,
        "claimed_until": None,
    }


def suppression_key(site: Site, address: str) -> bytes:
    """Return the site-wide keyed hash of an address, for suppressions alone."""
    return keyed_hash(site.keyring.derived("suppressions"), canonical_address(address))


def suppressed_because(site: Site, address: str) -> str | None:
    """Return why an address is not written to, or None where it is."""
    found = _SUPPRESSED.row(key=suppression_key(site, address))
    return word_for(found[0] if found else None)


_SUPPRESSED = Prepared(
    lambda _: select(Suppression.reason).where(Suppression.key == bindparam("key"))
)


def word_for(reason: str | None) -> str | None:
    """Return the word for why a suppressed address is not written to, or None."""
    return reason and (BOUNCED if reason == BOUNCED else SUPPRESSED)


def claim(site: Site, worker: str, now: datetime, most: int = 20) -> list[ClaimedMail]:
    """Claim mails that are due, for the length of a lease. The caller commits before sending.

    Those over an hourly limit, and reminders over their address's budgets, are held back instead;
    behind many of them the next ones are looked for at once.
    """
    for _ in range(_ROUNDS):
        claimed, going = _claimed(site, worker, now, most)
        if going or claimed < most:
            return going
    return []


def _claimed(site: Site, worker: str, now: datetime, most: int) -> tuple[int, list[ClaimedMail]]:
    due = _due(now, Mail.id, Mail.budgeted, Mail.paced).limit(most)
    if db.engine.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    passed = {row.id: (row.budgeted, row.paced) for row in db.session.execute(due)}
    if not passed:
        return 0, []
    statement = (
        update(Mail)
        .where(Mail.id.in_(passed), Mail.state == MailState.WAITING)
        .where(_is_free(now))
        .values(claimed_by=worker, claimed_until=now + LEASE, attempts=Mail.attempts + 1)
        .values(budgeted=True, paced=True, held=None)
        .returning(Mail)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    mails = [_opened(site, mail) for mail in db.session.execute(statement).scalars()]
    asking = [
        Due(
            mail.id,
            mail.petition_id,
            *passed[mail.id],
            canonical_address(mail.address),
            mail.news_id,
        )
        for mail in sorted(mails, key=lambda mail: mail.id)
        if mail.address and mail.organiser_id is None  # organisers are not kept waiting
    ]
    held = hold_back(site.budgets, site.keyring, asking, now)
    _hold(held, worker, now)
    return len(mails), [mail for mail in mails if mail.id not in held]


def _hold(held: dict[int, Held], worker: str, now: datetime) -> None:
    """Let mails wait that were claimed, as if they had not been; withhold what may never go."""
    for reason in set(held.values()):
        ids = [mail_id for mail_id, other in held.items() if other == reason]
        if reason.until is None:
            _finish(ids, worker, MailState.WITHHELD, reason.why, now)
            continue
        values = {"not_before": reason.until, "held": reason.why, "paced": False}
        values["budgeted"] = reason.counted
        not_claimed = {"claimed_by": None, "claimed_until": None, "attempts": Mail.attempts - 1}
        db.session.execute(_held(ids, worker).values(values | not_claimed))


def anything_due(now: datetime) -> bool:
    """Whether a mail could be claimed now. Only reads, so that idle workers never write."""
    return db.session.execute(_due(now, Mail.id).limit(1)).first() is not None


def renew(mail_ids: list[int], worker: str, now: datetime) -> set[int]:
    """Extend the lease on mails still to be sent; return those that are still held."""
    statement = _held(mail_ids, worker).values(claimed_until=now + LEASE).returning(Mail.id)
    return set(db.session.execute(statement).scalars())


def mark_sent(mail_ids: list[int], worker: str, now: datetime) -> None:
    """Mark mails as handed to the relay, and wipe their addresses."""
    _finish(mail_ids, worker, MailState.SENT, None, now)


def mark_final(mail_id: int, worker: str, state: MailState, outcome: str, now: datetime) -> None:
    """Mark a mail as failed, withheld or cancelled, with a word that names nobody."""
    _finish([mail_id], worker, state, outcome, now)


def retry_later(mail: ClaimedMail, worker: str, outcome: str, now: datetime) -> None:
    """Let a mail wait and be tried again; after the last pause it has failed."""
    if mail.attempts > len(PAUSES):
        mark_final(mail.id, worker, MailState.FAILED, outcome, now)
        return
    later = now + PAUSES[mail.attempts - 1]
    values = {"not_before": later, "claimed_by": None, "claimed_until": None, "outcome": outcome}
    db.session.execute(_held([mail.id], worker).values(values))


def wait_for_relay(mail: ClaimedMail, worker: str, outcome: str, now: datetime) -> None:
    """Let a mail wait for a relay that is down, at no cost: it is no fault of the mail's.

    However long that is, within days: who was told that a mail is on its way gets one.
    """
    if now - mail.created_at > KEPT_FOR_THE_RELAY:
        mark_final(mail.id, worker, MailState.FAILED, outcome, now)
        return
    later: dict[str, Any] = {"not_before": now + TRIED_AGAIN_AFTER, "outcome": outcome}
    values = {"claimed_by": None, "claimed_until": None, "attempts": Mail.attempts - 1} | later
    db.session.execute(_held([mail.id], worker).values(values))


def cancel_about(signature_ids: Sequence[int], word: str, now: datetime) -> None:
    """Cancel what waits to be sent about these signatures, and wipe its addresses."""
    _cancel(Mail.signature_id.in_(signature_ids), word, now)


def cancel_reminders(signature_ids: Sequence[int], word: str, now: datetime) -> None:
    """Cancel the reminders about these signatures, and wipe their addresses."""
    _cancel(and_(Mail.signature_id.in_(signature_ids), _IS_REMINDER), word, now)


def cancel_reminder(signature_id: int, word: str, now: datetime) -> None:
    """Cancel the reminder about one signature, and wipe its address."""
    _CANCEL_ONE.run(signature_id=signature_id, word=word, now=now)


_CANCEL_ONE = Prepared(
    lambda _: (
        update(table_of(Mail))
        .where(Mail.signature_id == bindparam("signature_id"))
        .where(_IS_REMINDER, Mail.state == MailState.WAITING)
        .values(final_row(MailState.CANCELLED, bindparam("word"), bindparam("now")))
    )
)


def cancel_news(news_id: int, word: str, now: datetime) -> None:
    """Cancel what waits to tell of news, and wipe its addresses."""
    _cancel(Mail.news_id == news_id, word, now)


def cancel_news_to(signature_ids: Sequence[int], word: str, now: datetime) -> None:
    """Cancel the news that waits for these signers, and wipe its addresses."""
    _cancel(and_(Mail.signature_id.in_(signature_ids), Mail.kind == MailKind.NEWS), word, now)


def note_handing_over(mail_id: int, worker: str) -> None:
    """Note that a mail is about to be handed over, so that nobody does it again after a crash."""
    db.session.execute(_held([mail_id], worker).values(outcome=HANDING_OVER))


def cancel_reminders_of_sealed_cases(now: datetime) -> None:
    """Cancel reminders about petitions whose case is sealed: there no address is kept for one.

    Called by sealing, and from time to time for a form that was under way meanwhile.
    """
    sealed = select(Petition.id).join(CaseKey, CaseKey.case_id == Petition.case_id)
    sealed = sealed.where(CaseKey.mode == SEALED)
    _cancel(and_(Mail.petition_id.in_(sealed), _IS_REMINDER), "the case is sealed", now)


def _cancel(which: ColumnElement[bool], word: str, now: datetime) -> None:
    db.session.execute(
        update(Mail)
        .where(which, Mail.state == MailState.WAITING)
        .values(final_row(MailState.CANCELLED, word, now))
        .execution_options(synchronize_session=False)
    )


def give_back(mail_ids: list[int], worker: str) -> None:
    """Return mails that were claimed and not tried, as when the worker stops."""
    values = {"claimed_by": None, "claimed_until": None, "attempts": Mail.attempts - 1}
    db.session.execute(_held(mail_ids, worker).values(values))


def _due(now: datetime, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(Mail.state == MailState.WAITING, Mail.not_before <= now)
        .where(_is_free(now))
        .order_by(Mail.not_before, Mail.id)
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody holds it. A lease that ends later than any can was given by a clock gone wrong."""
    until = Mail.claimed_until
    return or_(until.is_(None), until <= now, until > now + 2 * LEASE)


def _held(mail_ids: list[int], worker: str):  # type: ignore[no-untyped-def]  # sqlalchemy's Update
    return (
        update(Mail)
        .where(Mail.id.in_(mail_ids), Mail.claimed_by == worker, Mail.state == MailState.WAITING)
        .execution_options(synchronize_session=False)
    )


def _finish(
    mail_ids: list[int], worker: str, state: MailState, outcome: str | None, now: datetime
) -> None:
    db.session.execute(_held(mail_ids, worker).values(final_row(state, outcome, now)))


def final_row(state: MailState, outcome: Any, now: Any) -> dict[str, object]:
    """Return the columns of a mail that is final: its address is wiped."""
    return {
        "state": state,
        "outcome": outcome,
        "final_at": now,
        "held": None,
        "address_sealed": None,
        "claimed_by": None,
        "claimed_until": None,
    }


def new_message_id(site: Site) -> str:
    """Return a Message-ID of this site; a mail that is sent again keeps it."""
    return f"<{os.urandom(16).hex()}@{urlsplit(site.base_url).hostname}>"


def seal_address(site: Site, address: str, message_id: str) -> bytes:
    """Seal an address under the mail key, bound to its mail."""
    return seal_with(site.keyring.derived("mail"), padded(address.encode()), message_id.encode())


def _opened(site: Site, mail: Mail) -> ClaimedMail:
    return ClaimedMail(
        id=mail.id,
        kind=mail.kind,
        petition_id=mail.petition_id,
        signature_id=mail.signature_id,
        organiser_id=mail.organiser_id,
        language=mail.language,
        message_id=mail.message_id,
        created_at=mail.created_at,
        attempts=mail.attempts,
        address=_address(site, mail),
        news_id=mail.news_id,
        outcome=mail.outcome,
    )


def _address(site: Site, mail: Mail) -> str:
    """Open a mail's address; empty where it does not open: one row never blocks the rest."""
    assert mail.address_sealed is not None  # noqa: S101  # nosec B101  # ck_mail_address_only_while_waiting
    key = site.keyring.derived("mail")
    try:
        return open_with(key, mail.address_sealed, mail.message_id.encode()).decode().rstrip()
    except CannotOpen:
        return ""
