"""What a signer may do with their own signature: see, show less, withdraw, download, erase, refuse.

The address never opens a door by itself: a link that was mailed to it does.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, exists, select, update

from petitions.domain import outbox
from petitions.domain.case_keys import secrets_of
from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import KeyMissing, NotFound, ShowsMore, TokenExpired
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


def signatures_of(site: Site, address: str) -> list[int]:
    """Return the ids of the active signatures of an address, over all cases."""
    found: list[int] = []
    query = select(Petition.id, CaseKey.case_id).join(CaseKey, CaseKey.case_id == Petition.case_id)
    for petition_id, case_id in db.session.execute(query.where(CaseKey.destroyed_at.is_(None))):
        key = secrets_of(case_id, site.keyring).lookup_key
        lookup = keyed_hash(key, str(petition_id), canonical_address(address))
        held = select(Signature.id).where(
            Signature.petition_id == petition_id,
            Signature.lookup == lookup,
            Signature.state.in_(ACTIVE),
        )
        found.extend(db.session.execute(held).scalars())
    return found


def own_signature(site: Site, signature_id: int) -> OwnSignature:
    """Return a signature for its signer. Raises TokenExpired where it is withdrawn or gone."""
    signature = _active(signature_id)
    petition = db.session.get(Petition, signature.petition_id)
    if petition is None:
        raise NotFound("no such petition")
    person = person_of(site, signature, petition)
    return OwnSignature(signature, petition, bundles_with(signature_id), person)


def person_of(site: Site, signature: Signature, petition: Petition) -> Person | None:
    """Open who signed, or return None where this server cannot."""
    if signature.data_key_id is None or signature.person_sealed is None:
        return None
    try:
        opener = opener_for(petition.case_id, site.keyring)
    except KeyMissing:
        return None
    return opener.person(
        signature.data_key_id, signature.person_sealed, petition.id, signature.order_number
    )


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

    What a frozen bundle holds stays sealed, since paper cannot be recalled; otherwise name,
    initials and place are wiped at once. Repeating it changes nothing.
    """
    _end(signature_id, now, keep_person=True)


def erase(signature_id: int, now: datetime) -> None:
    """Withdraw a signature and wipe the person in any case; old bundles cannot be made again."""
    _end(signature_id, now, keep_person=False)


def not_me(signature_id: int, suppression_key: bytes, now: datetime) -> None:
    """Withdraw what somebody else signed with this address, and never write to it again."""
    erase(signature_id, now)
    if db.session.get(Suppression, suppression_key) is None:
        db.session.add(Suppression(key=suppression_key, reason="not me", created_at=now))
        db.session.flush()


def lift_suppression(suppression_key: bytes) -> None:
    """Let mail go to an address again, since its owner has just used a link mailed to it."""
    db.session.execute(delete(Suppression).where(Suppression.key == suppression_key))


def stop_news(signature_id: int) -> None:
    """End news for a signature and wipe its address. Repeating it changes nothing."""
    statement = update(Signature).where(Signature.id == signature_id)
    pending = Signature.state == SignatureState.PENDING
    db.session.execute(statement.where(pending).values(news=False))
    db.session.execute(statement.where(~pending).values(news=False, address_sealed=None))


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
    if signature.state is not SignatureState.WITHDRAWN:
        signature.state = SignatureState.WITHDRAWN
        signature.withdrawn_at = now
        signature.set_aside_reason = None
    signature.news = False
    signature.address_sealed = None
    signature.lookup = None
    if not keep_person:
        signature.person_sealed = None
    db.session.flush()


def _active(signature_id: int, *, lock: bool = False) -> Signature:
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=lock or None
    )
    if signature is None or signature.state not in ACTIVE:
        raise TokenExpired([signature_id])
    return signature
