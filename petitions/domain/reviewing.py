"""Reviewing signatures: attest, withdraw and erase for a person who asks, set aside and put back.

Each is done once, however often it is asked for, and leaves an entry about the signature. What an
organiser writes as a reason is sealed beside the entry, and wiped when the person is erased; in the
row stands a word that names nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.domain import audit, kept_addresses, outbox, privacy
from petitions.domain.expiry import waited_too_long
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Petition, PetitionState, Signature, SignatureState, Verification

GROUNDS = ("invented", "automatic", "twice", "not theirs", "other")
"""Why a signature is set aside: the words kept in its row."""
ASKED = ("in writing", "by telephone", "in person", "through another", "by law")
"""Why a person is erased: words alone, since whatever else is written could name them."""
MOST_AT_ONCE = 200
_S = SignatureState
_ENDED = frozenset({PetitionState.DRAFT, PetitionState.STOPPED, PetitionState.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the signatures that were to be set aside or put back."""

    done: list[int] = field(default_factory=list)
    too_late: list[int] = field(default_factory=list)
    """Not confirmed within a week: these end, and cannot come back."""
    unchanged: list[int] = field(default_factory=list)
    """Somebody else was faster, or the signer has withdrawn."""


def attest(
    site: Site, signature_id: int, *, organiser_id: int, reason: str, actor: str, now: datetime
) -> bool:
    """Confirm a pending signature by an organiser's word; return whether that is a change.

    Its address is wiped and it gets no news, since nobody has proved the address: there is no way
    back to pending. It is counted apart and in no list that is handed over. Raises NotFound,
    Refused: "reason needed", "stopped", "too late", or "not pending" where somebody was faster.
    """
    if not reason:
        raise Refused("reason needed", "reason")
    signature = _locked(signature_id)
    if signature.state is _S.CONFIRMED and signature.verified_by is Verification.ATTESTED:
        return False
    if signature.state is not _S.PENDING:
        raise Refused("not pending")
    if db.session.get_one(Petition, signature.petition_id).state in _ENDED:
        raise Refused("stopped")
    if waited_too_long(signature, now):
        raise Refused("too late")
    signature.state = _S.CONFIRMED
    signature.confirmed_at = now
    signature.verified_by = Verification.ATTESTED
    signature.attested_by = organiser_id
    signature.news = False
    signature.address_sealed = None
    outbox.cancel_about([signature_id], "the signature was attested", now)
    _record(site, signature, "signature attested", actor=actor, reason=reason, now=now)
    return True


def withdraw(site: Site, signature_id: int, *, reason: str, actor: str, now: datetime) -> bool:
    """Withdraw a signature for a person who asks; return whether that is a change. Raises NotFound.

    What happens is what happens where they do it themselves.
    """
    signature = _locked(signature_id)
    if signature.state is _S.WITHDRAWN:
        return False
    privacy.withdraw(signature_id, now)
    _record(site, signature, "signature withdrawn", actor=actor, reason=reason, now=now)
    return True


def erase(site: Site, signature_id: int, *, ground: str, actor: str, now: datetime) -> bool:
    """Withdraw a signature and wipe its person; return whether that is a change.

    A withdrawn signature that a bundle still holds is wiped too, and so are reasons that were
    written about one. Raises NotFound, Refused: "ground needed" (one of `ASKED`).
    """
    if ground not in ASKED:
        raise Refused("ground needed", "ground")
    signature = _locked(signature_id)
    if not privacy.holds_anything(signature):
        return False
    privacy.erase(signature_id, now)
    detail = {"asked": ground}
    _record(site, signature, "signature erased", actor=actor, reason="", now=now, detail=detail)
    return True


def set_aside(
    site: Site,
    petition: Petition,
    ids: Iterable[int],
    *,
    ground: str,
    reason: str,
    actor: str,
    now: datetime,
) -> Moved:
    """Take signatures out of all numbers and further bundles, until they are put back.

    The signer sees nothing unusual: a link to confirm goes on to answer as before, and the address
    of a pending one is kept as long as it would have been. Raises Refused: "ground needed",
    "reason needed" (for "other"), "nothing selected", "too many".
    """
    if ground not in GROUNDS:
        raise Refused("ground needed", "ground")
    if ground == "other" and not reason:
        raise Refused("reason needed", "reason")
    moved = Moved()
    selected = _selected(petition, ids)
    kept_addresses.keep([signature.id for signature in selected])
    for signature in selected:
        if signature.state not in {_S.PENDING, _S.CONFIRMED}:
            moved.unchanged.append(signature.id)
            continue
        was = signature.state
        if was is _S.PENDING and not signature.news:
            signature.address_sealed = None
        signature.state, signature.set_aside_reason, signature.set_aside_at = (
            _S.SET_ASIDE,
            ground,
            now,
        )
        detail = {"was": was.value, "ground": ground}
        _record(
            site,
            signature,
            "signature set aside",
            actor=actor,
            reason=reason,
            now=now,
            detail=detail,
        )
        moved.done.append(signature.id)
    return moved


def put_back(
    site: Site, petition: Petition, ids: Iterable[int], *, reason: str, actor: str, now: datetime
) -> Moved:
    """Put signatures back to where they were: confirmed, or pending while their week lasts.

    One whose signer has confirmed meanwhile comes back confirmed. Raises Refused: "reason needed",
    "nothing selected", "too many".
    """
    if not reason:
        raise Refused("reason needed", "reason")
    moved = Moved()
    for signature in _selected(petition, ids):
        if signature.state is not _S.SET_ASIDE:
            moved.unchanged.append(signature.id)
        elif waited_too_long(signature, now):
            moved.too_late.append(signature.id)
        else:
            signature.state = _S.CONFIRMED if signature.confirmed_at else _S.PENDING
            signature.set_aside_reason = signature.set_aside_at = None
            detail = {"is": signature.state.value}
            _record(
                site,
                signature,
                "signature put back",
                actor=actor,
                reason=reason,
                now=now,
                detail=detail,
            )
            moved.done.append(signature.id)
    db.session.flush()
    kept_addresses.give_back(moved.done)
    return moved


def _selected(petition: Petition, ids: Iterable[int]) -> list[Signature]:
    """Lock the selected signatures of a petition, in one order for all organisers."""
    wanted = sorted(set(ids))
    if not wanted:
        raise Refused("nothing selected")
    if len(wanted) > MOST_AT_ONCE:
        raise Refused("too many")
    query = (
        select(Signature)
        .where(Signature.petition_id == petition.id, Signature.id.in_(wanted))
        .order_by(Signature.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())


def _locked(signature_id: int) -> Signature:
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=True
    )
    if signature is None:
        raise NotFound("no such signature")
    return signature


def _record(
    site: Site,
    signature: Signature,
    action: str,
    *,
    actor: str,
    reason: str,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    about = {"petition": signature.petition_id, **(detail or {})}
    subject = privacy.subject_of(signature.id)
    audit.record(actor, action, subject, about, now, reason=reason, keyring=site.keyring)
