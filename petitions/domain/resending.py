"""Sending the mail that asks for confirmation once more: what would go, and doing it.

A plan reads and counts nothing against any budget. What it says will not go is not queued at all,
so that asking uses up nobody's budget; what goes is queued like any other mail.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from petitions.domain import audit, outbox
from petitions.domain.budgets import peek
from petitions.domain.resend_choice import Choice, chosen
from petitions.domain.sealing import Opener, address_context, opener_for
from petitions.domain.site import Site
from petitions.domain.terms import CONFIRM_WITHIN
from petitions.errors import CannotOpen, KeyMissing
from petitions.extensions import db
from petitions.models import (
    Case,
    Mail,
    MailKind,
    MailState,
    Petition,
    PetitionState,
    Signature,
    SignatureState,
    Suppression,
)
from petitions.vault import canonical_address

_LISTENS = frozenset({PetitionState.OPEN, PetitionState.PAUSED, PetitionState.CLOSED})


class Fate(enum.StrEnum):
    """Whether a signature gets another mail now, or why it does not."""

    GOES = "goes"
    WAITS = "waits for the gap"
    UNDER_WAY = "a mail is under way"
    OVER_BUDGET = "over budget"
    SUPPRESSED = "suppressed"
    BOUNCED = "mail came back"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    NOT_PENDING = "not pending"
    NO_ADDRESS = "no address"
    SEALED = "sealed"
    STOPPED = "petition stopped"


GOING = frozenset({Fate.GOES, Fate.WAITS})


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each signature; `until` is when the last of them goes out at the earliest.

    `last` is the id that this batch ends at, and `rest` how many fit beyond it.
    """

    fates: dict[int, Fate]
    until: datetime | None
    last: int
    rest: int

    @property
    def counts(self) -> Counter[Fate]:
        """How many meet each fate."""
        return Counter(self.fates.values())

    @property
    def going(self) -> int:
        """How many mails will be queued."""
        return sum(fate in GOING for fate in self.fates.values())


def plan(site: Site, petition: Petition, choice: Choice, now: datetime) -> Plan:
    """Say what sending again would do now. Changes nothing."""
    return _planned(site, petition, choice, now, lock=False)[0]


def resend(site: Site, petition: Petition, choice: Choice, actor: str, now: datetime) -> Plan:
    """Queue the mails that the plan of this moment lets go, at most 500; return that plan.

    Budgets hold. Repeating it queues nothing while the mails of the first time are under way.
    """
    planned, addresses = _planned(site, petition, choice, now, lock=True)
    rows = {row.id: row for row in _rows(petition, planned.fates)}
    spoken = _languages_spoken(planned.fates)
    for signature_id, fate in planned.fates.items():
        if fate in GOING:
            outbox.enqueue(
                site,
                MailKind.SIGNING,
                address=addresses[signature_id],
                petition_id=petition.id,
                signature_id=signature_id,
                language=spoken.get(signature_id, rows[signature_id].language),
                now=now,
            )
    if planned.going:
        one = len(planned.fates) == 1
        subject = f"signature {planned.last}" if one else f"petition {petition.id}"
        counts = {fate.value: number for fate, number in planned.counts.items()}
        audit.record(actor, "confirmations sent again", subject, counts, now)
    return planned


def _planned(
    site: Site, petition: Petition, choice: Choice, now: datetime, *, lock: bool
) -> tuple[Plan, dict[int, str]]:
    ids, rest = chosen(petition, choice, now)
    rows = _rows(petition, ids, lock=lock)
    recent = _under_way([row.id for row in rows], choice.since)
    listens = takes_confirmations(petition)
    decided = {row.id: _fate_of_row(row, recent, listens, now) for row in rows}
    waiting = [row for row in rows if decided[row.id] is None]
    addresses = _addresses(site, petition, waiting)
    judged, until = _judge(site, waiting, addresses, now)
    fates = {row.id: decided[row.id] or judged[row.id] for row in rows}
    return Plan(fates, until, max(ids, default=choice.after), rest), addresses


def _rows(petition: Petition, ids: Iterable[int], *, lock: bool = False) -> list[Signature]:
    query = (
        select(Signature)
        .where(Signature.petition_id == petition.id, Signature.id.in_(list(ids)))
        .order_by(Signature.id)
    )
    if lock:  # a second organiser waits here, and then finds these mails under way
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(db.session.execute(query).scalars())


def _under_way(ids: Sequence[int], since: datetime | None) -> set[int]:
    """Return the signatures about which a mail waits, or was queued after the plan was shown."""
    recent = Mail.state == MailState.WAITING
    if since is not None:
        recent = or_(recent, Mail.created_at > since)
    query = select(Mail.signature_id).where(
        Mail.signature_id.in_(ids), Mail.kind == MailKind.SIGNING, recent
    )
    return {found for found in db.session.execute(query).scalars() if found is not None}


def _languages_spoken(ids: Iterable[int]) -> dict[int, str]:
    """Return the languages of the mails that signatures got before: those of their signers' pages.

    The rows of signatures know the language of the text that was signed, which may be another one.
    """
    query = (
        select(Mail.signature_id, Mail.language)
        .where(Mail.signature_id.in_(list(ids)), Mail.kind == MailKind.SIGNING)
        .order_by(Mail.id)
    )
    return {row.signature_id: row.language for row in db.session.execute(query)}


def _fate_of_row(row: Signature, recent: set[int], listens: bool, now: datetime) -> Fate | None:
    """Return what the row alone decides, or None where it is for the address to decide."""
    if row.confirmed_at is not None and row.state is SignatureState.CONFIRMED:
        return Fate.CONFIRMED
    if row.state is not SignatureState.PENDING:
        return Fate.NOT_PENDING
    if not listens:
        return Fate.STOPPED
    if now - row.created_at >= CONFIRM_WITHIN:
        return Fate.EXPIRED
    if row.id in recent:
        return Fate.UNDER_WAY
    return Fate.NO_ADDRESS if row.address_sealed is None else None


def _addresses(site: Site, petition: Petition, rows: Sequence[Signature]) -> dict[int, str]:
    """Open the addresses; one that does not open here is left out."""
    if not rows:
        return {}
    try:
        opener = opener_for(petition.case_id, site.keyring)
    except KeyMissing:
        return {}
    opened = {row.id: _address(opener, row) for row in rows}
    return {signature_id: address for signature_id, address in opened.items() if address}


def _address(opener: Opener, row: Signature) -> str:
    if row.data_key_id is None or row.address_sealed is None:
        return ""
    context = address_context(row.petition_id, row.order_number)
    try:
        return opener.bytes(row.data_key_id, row.address_sealed, context).decode().rstrip()
    except (CannotOpen, KeyMissing):
        return ""


def _judge(
    site: Site, rows: Sequence[Signature], addresses: dict[int, str], now: datetime
) -> tuple[dict[int, Fate], datetime | None]:
    """Return the fates that addresses decide, and when the last mail goes at the earliest."""
    opened = [row for row in rows if row.id in addresses]
    fates = {row.id: Fate.SEALED for row in rows}
    if not opened:
        return fates, None
    canonical = [canonical_address(addresses[row.id]) for row in opened]
    keys = [outbox.suppression_key(site, address) for address in canonical]
    known = select(Suppression.key, Suppression.reason).where(Suppression.key.in_(keys))
    suppressed = {bytes(key): reason for key, reason in db.session.execute(known)}
    allowances = peek(site.budgets, site.keyring, canonical, opened[0].petition_id, now)
    for row, key, allowance in zip(opened, keys, allowances, strict=True):
        if key in suppressed:
            came_back = suppressed[key] == outbox.BOUNCED
            fates[row.id] = Fate.BOUNCED if came_back else Fate.SUPPRESSED
        elif not allowance.allowed:
            fates[row.id] = Fate.OVER_BUDGET
        elif allowance.not_before >= row.created_at + CONFIRM_WITHIN:
            fates[row.id] = Fate.EXPIRED
        else:
            fates[row.id] = Fate.WAITS if allowance.not_before > now else Fate.GOES
    until = (
        allowance.not_before
        for row, allowance in zip(opened, allowances, strict=True)
        if fates[row.id] is Fate.WAITS
    )
    return fates, max(until, default=None)


def takes_confirmations(petition: Petition) -> bool:
    """Whether somebody who is asked to confirm could do so now."""
    query = select(Case.hidden_at).where(Case.id == petition.case_id)
    is_hidden = db.session.execute(query).scalar_one() is not None
    return petition.state in _LISTENS and not is_hidden
