"""What a worker does with a batch: a part at a time, each in one short transaction.

A transaction moves signatures and notes how far the batch is. So a killed worker leaves nothing
half done, any other goes on at once without a lease to wait for, and a second pass changes nothing.
Parts are looked for without a lock; who is found is looked at again under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, literal, or_, select, update

from petitions.domain import kept_addresses
from petitions.domain.batch_reasons import word_of
from petitions.domain.bulk import OPEN, mixed_of, record_end
from petitions.domain.conditions import Condition, selects
from petitions.domain.site import Site
from petitions.domain.terms import CONFIRM_WITHIN
from petitions.extensions import db
from petitions.models import (
    BatchState,
    Petition,
    SetAsideBatch,
    Signature,
    SignatureState,
    Verification,
)

WINDOW = 250
"""How many numbers of signatures a part covers at most: what is moved under one lock, for which
whoever signs waits meanwhile. A thousand held it for up to 0.4 s (benchmarks/bulk.py)."""
_WINDOWS = 80
FAILURES = 3
_S = SignatureState


@dataclass(frozen=True, slots=True)
class Part:
    """What to do next: the batch as it was, whom to move, and how far it is then."""

    batch_id: int
    state: BatchState
    begins_after: int
    ids: Sequence[int]
    reaches: int
    is_last: bool


def next_part(site: Site) -> Part | None:
    """Return the next part of the oldest open batch, or None where there is none. Only reads."""
    query = select(SetAsideBatch).where(SetAsideBatch.state.in_(OPEN)).order_by(SetAsideBatch.id)
    batch = db.session.execute(query.limit(1)).scalar_one_or_none()
    if batch is None:
        return None
    petition = db.session.get_one(Petition, batch.petition_id)
    condition = Condition.of(batch.condition)
    undoing = batch.state is BatchState.UNDOING
    wanted = _of_batch(batch) if undoing else selects(site, petition.id, condition)
    reached = batch.cursor
    ids: list[int] = []
    for _ in range(_WINDOWS):
        begins, reached = reached, min(reached + WINDOW, batch.last_seen)
        within = [Signature.id > begins, Signature.id <= reached]
        rows = select(Signature.id).where(*wanted, *within).order_by(Signature.id)
        ids = list(db.session.execute(rows).scalars())
        if condition.mixed and not undoing:
            ids = mixed_of(site, petition, ids)
        if ids or reached >= batch.last_seen:
            break
    done = reached >= batch.last_seen
    return Part(batch.id, batch.state, batch.cursor, ids, reached, done)


def do_part(site: Site, part: Part, now: datetime) -> bool:
    """Do a part in the transaction under way; return whether it was still to be done."""
    locked = select(SetAsideBatch).where(SetAsideBatch.id == part.batch_id).with_for_update()
    batch = db.session.execute(locked.execution_options(populate_existing=True)).scalar_one()
    if (batch.state, batch.cursor) != (part.state, part.begins_after):
        return False  # stopped, or another worker was faster
    batch.cursor = part.reaches
    if part.state is BatchState.UNDOING:
        _put_back(batch, part.ids, now)
    else:
        batch.moved += _set_aside(batch, part.ids, now)
    if part.is_last:
        undoing = part.state is BatchState.UNDOING
        batch.state = BatchState.UNDONE if undoing else BatchState.DONE
        batch.finished_at = now
        db.session.flush()
        record_end(site, batch, "put back" if undoing else "", now)
    db.session.flush()
    return True


def note_failure(site: Site, batch_id: int, now: datetime) -> None:
    """Note that a part went wrong; after the third time the batch has failed."""
    locked = select(SetAsideBatch).where(SetAsideBatch.id == batch_id).with_for_update()
    batch = db.session.execute(locked.execution_options(populate_existing=True)).scalar_one()
    if batch.state not in OPEN:
        return
    batch.failures += 1
    if batch.failures >= FAILURES:
        batch.state, batch.finished_at = BatchState.FAILED, now
        db.session.flush()
        record_end(site, batch, "failed", now)
    db.session.flush()


def _set_aside(batch: SetAsideBatch, ids: Sequence[int], now: datetime) -> int:
    still = [
        Signature.petition_id == batch.petition_id,
        Signature.state.in_((_S.PENDING, _S.CONFIRMED)),
        Signature.verified_by == Verification.EMAIL,
    ]
    held = _locked(ids, still)
    if not held:
        return 0
    kept_addresses.keep(held)
    values = {
        "state": _S.SET_ASIDE,
        "set_aside_reason": word_of(batch.id),
        "set_aside_at": now,
        "address_sealed": case((Signature.news, Signature.address_sealed), else_=None),
    }
    moved = update(Signature).where(Signature.id.in_(held)).values(values)
    db.session.execute(moved.execution_options(synchronize_session=False))
    return len(held)


def _put_back(batch: SetAsideBatch, ids: Sequence[int], now: datetime) -> None:
    """Put signatures back to confirmed or pending; who waited longer than a week expires."""
    in_time = or_(Signature.confirmed_at.is_not(None), Signature.created_at >= now - CONFIRM_WITHIN)
    ours = _locked(ids, _of_batch(batch))
    held = _locked(ours, [in_time])
    batch.too_late += len(ours) - len(held)
    if not held:
        return
    state = Signature.state.type
    values = {
        "state": case(
            (Signature.confirmed_at.is_(None), literal(_S.PENDING, state)),
            else_=literal(_S.CONFIRMED, state),
        ),
        "set_aside_reason": None,
        "set_aside_at": None,
    }
    moved = update(Signature).where(Signature.id.in_(held)).values(values)
    db.session.execute(moved.execution_options(synchronize_session=False))
    kept_addresses.give_back(held)
    batch.put_back += len(held)


def _of_batch(batch: SetAsideBatch) -> list[ColumnElement[bool]]:
    return [
        Signature.petition_id == batch.petition_id,
        Signature.state == _S.SET_ASIDE,
        Signature.set_aside_reason == word_of(batch.id),
    ]


def _locked(ids: Sequence[int], conditions: Sequence[ColumnElement[bool]]) -> list[int]:
    """Lock those of the signatures that still fit, in one order for everybody."""
    query = select(Signature.id).where(Signature.id.in_(ids), *conditions)
    return list(db.session.execute(query.order_by(Signature.id).with_for_update()).scalars())
