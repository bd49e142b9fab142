"""What a signer may do with their own signature: see, show less, withdraw, download, erase, refuse.

The address never opens a door by itself: a link that was mailed to it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, select, update

from petitions.domain import arrivals, audit, batch_reasons, kept_addresses, outbox, outgoing
from petitions.domain.case_keys import lookup_key_of
from petitions.domain.held_questions import forget_questions
from petitions.domain.mailboxes import holder_of, move_up, second_place
from petitions.domain.persons import person_of
from petitions.domain.prepared import Prepared, table_of
from petitions.domain.site import Site
from petitions.errors import NotFound, ShowsMore, TokenExpired
from petitions.extensions import db
from petitions.models import (
    ACTIVE,
    Appearance,
    Bundle,
    BundleSignature,
    CaseKey,
    MailKind,
    Petition,
    Signature,
    SignatureState,
    Suppression,
)
from petitions.vault import Person, canonical_address, keyed_hash


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """A signature as its signer sees it. `person` is None where this server cannot open it."""

    signature: Signature
    petition: Petition
    bundles: list[Bundle]
    person: Person | None = field(repr=False)


def ask_for_link(site: Site, address: str, language: str, now: datetime) -> None:
    """Queue the mail with a link to one's own signatures; the same for every address."""
    outbox.enqueue(
        site,
        MailKind.MY_SIGNATURE,
        address=address,
        petition_id=None,
        signature_id=None,
        language=language,
        now=now,
    )


def signatures_of(site: Site, address: str, case_id: int | None = None) -> list[int]:
    """Return the ids of the active signatures of an address, over all cases or in one.

    Where two people share the mailbox, those of both.
    """
    found: list[int] = []
    query = select(Petition.id, CaseKey.case_id).join(CaseKey, CaseKey.case_id == Petition.case_id)
    if case_id is not None:
        query = query.where(CaseKey.case_id == case_id)
    for petition_id, of_case in db.session.execute(query.where(CaseKey.destroyed_at.is_(None))):
        key = lookup_key_of(of_case, site.keyring)
        lookup = keyed_hash(key, str(petition_id), canonical_address(address))
        held = select(Signature.id).where(
            Signature.petition_id == petition_id,
            Signature.lookup.in_((lookup, second_place(lookup))),
            Signature.state.in_(ACTIVE),
        )
        found.extend(db.session.execute(held.order_by(Signature.id)).scalars())
    return found


def own_signature(site: Site, signature_id: int, *, ended_too: bool = False) -> OwnSignature:
    """Return a signature for its signer. Raises TokenExpired where it is withdrawn or gone.

    `ended_too`: a withdrawn one is returned as well, for an organiser whom a person asks.
    """
    found = db.session.get(Signature, signature_id) if ended_too else _active(signature_id)
    if found is None:
        raise TokenExpired([signature_id])
    signature = found
    petition = db.session.get(Petition, signature.petition_id)
    if petition is None:
        raise NotFound("no such petition")
    person = person_of(site, signature, petition)
    return OwnSignature(signature, petition, bundles_with(signature_id), person)


def kept_for_bundles(signature_id: int) -> tuple[Signature, Petition] | None:
    """Return a withdrawn signature whose person is still sealed, since frozen bundles hold it."""
    query = (
        select(Signature, Petition)
        .join(Petition, Petition.id == Signature.petition_id)
        .where(Signature.id == signature_id, Signature.state == SignatureState.WITHDRAWN)
        .where(Signature.person_sealed.is_not(None))
    )
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def may_share_a_mailbox(signature_ids: Sequence[int]) -> bool:
    """Whether these can be signatures of one mailbox, which has two on a petition at most.

    What is held is given out to a person: a list of many people is a bundle, with its rules.
    """
    query = select(func.count()).where(Signature.id.in_(signature_ids))
    counts = db.session.execute(query.group_by(Signature.petition_id)).scalars()
    return max(counts, default=0) <= 2


def note_given_out(signature_id: int, actor: str, now: datetime) -> None:
    """Write down that all that is held about a signature was given to whoever asked."""
    audit.record(actor, "signature given out", subject_of(signature_id), {}, now)


def bundles_with(signature_id: int) -> list[Bundle]:
    """Return the frozen bundles that a signature stands in, oldest first."""
    query = (
        select(Bundle)
        .join(BundleSignature, BundleSignature.bundle_id == Bundle.id)
        .where(BundleSignature.signature_id == signature_id)
        .order_by(Bundle.id)
    )
    return list(db.session.execute(query).scalars())


def show_less(signature_id: int, appearance: Appearance) -> bool:
    """Let officials see less from the next bundle on; return whether that is a change.

    Raises ShowsMore, TokenExpired.
    """
    signature = _active(signature_id, lock=True)
    if not appearance.shows_no_more_than(signature.appearance):
        raise ShowsMore("to show more, withdraw and sign anew")
    changes = signature.appearance is not appearance
    signature.appearance = appearance
    db.session.flush()
    return changes


def withdraw(signature_id: int, now: datetime) -> None:
    """Withdraw a signature: not counted, in no further bundle, address and look-up key wiped.

    What a frozen bundle holds stays sealed, since paper cannot be recalled; otherwise all that
    `erase` wipes is wiped at once. Repeating it changes nothing.
    """
    _end(signature_id, now, keep_person=True)


def erase(signature_id: int, now: datetime) -> None:
    """Withdraw a signature and wipe the person in any case; old bundles cannot be made again.

    Wiped are name, initials, place, address, look-up key, what organisers wrote about the
    signature and about batches that set it aside, and files of bundles that wait to be downloaded.
    What is left names nobody: the row that bundles and counts stand on, and the chained entries of
    what was done. Repeating it changes nothing.
    """
    _end(signature_id, now, keep_person=False)


def not_me(signature_id: int, suppression_key: bytes, now: datetime) -> None:
    """Withdraw what somebody else signed with this address, and never write to it again."""
    erase(signature_id, now)
    if db.session.get(Suppression, suppression_key) is None:
        db.session.add(Suppression(key=suppression_key, reason="not me", created_at=now))
        db.session.flush()


def lift_suppression(suppression_key: bytes) -> None:
    """Let mail go to an address again, since its owner has just used a link mailed to it."""
    _LIFT.run(key=suppression_key)


_LIFT = Prepared(lambda _: delete(table_of(Suppression)).where(Suppression.key == bindparam("key")))


def stop_news(signature_id: int, now: datetime) -> None:
    """End news for a signature and wipe its address. Repeating it changes nothing.

    That it had been agreed to, and when it ended, is kept.
    """
    statement = update(Signature).where(Signature.id == signature_id)
    agreed = statement.where(Signature.news, Signature.confirmed_at.is_not(None))
    db.session.execute(agreed.values(news_ended_at=now))
    kept_addresses.keep_caught(signature_id)
    pending = Signature.state == SignatureState.PENDING
    db.session.execute(statement.where(pending).values(news=False))
    db.session.execute(statement.where(~pending).values(news=False, address_sealed=None))
    outbox.cancel_news_to([signature_id], "news ended", now)


def stop_news_of_mailbox(signature_id: int, now: datetime) -> None:
    """End news for a signature, and for the second one of its mailbox: one mail went to both."""
    stop_news(signature_id, now)
    query = select(Signature.petition_id, Signature.lookup).where(Signature.id == signature_id)
    found = db.session.execute(query).one_or_none()
    if found is not None and found.lookup is not None:
        second = holder_of(found.petition_id, second_place(found.lookup))
        if second is not None:
            stop_news(second.id, now)


def holds_anything(signature: Signature) -> bool:
    """Whether there is anything to erase: a person, or what organisers wrote about a signature."""
    if signature.state is not SignatureState.WITHDRAWN or signature.holds_person:
        return True
    return audit.has_reasons(subject_of(signature.id))


def subject_of(signature_id: int) -> str:
    """Return how the audit trail calls a signature."""
    return f"signature {signature_id}"


def exists_in_bundle(signature_id: int) -> bool:
    """Whether a frozen bundle holds the signature."""
    held = exists().where(BundleSignature.signature_id == signature_id)
    return bool(db.session.execute(select(held)).scalar())


def _end(signature_id: int, now: datetime, *, keep_person: bool) -> None:
    # Locked first, asked about bundles after: a freeze that runs now is waited for.
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=True
    )
    if signature is None:
        return
    keep_person = keep_person and exists_in_bundle(signature_id)
    batch_reasons.wipe(batch_reasons.batches_that_held(signature))  # while the row names its batch
    if signature.state is not SignatureState.WITHDRAWN:
        signature.state = SignatureState.WITHDRAWN
        signature.withdrawn_at = now
        signature.set_aside_reason = None
    if signature.news and signature.confirmed_at is not None:
        signature.news_ended_at = now
    signature.news = False
    signature.address_sealed = None
    freed, signature.lookup = signature.lookup, None
    forget_questions([signature_id])
    kept_addresses.forget([signature_id])
    arrivals.forget(signature_id)
    outbox.cancel_about([signature_id], f"the signature is {SignatureState.WITHDRAWN}", now)
    if not keep_person:
        signature.person_sealed = None
        db.session.flush()
        audit.wipe_reasons([subject_of(signature_id)])
        outgoing.let_go_of_files_with(signature_id, now)
    db.session.flush()
    if freed is not None:
        move_up(signature.petition_id, [freed])


def _active(signature_id: int, *, lock: bool = False) -> Signature:
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=lock or None
    )
    if signature is None or signature.state not in ACTIVE:
        raise TokenExpired([signature_id])
    return signature
