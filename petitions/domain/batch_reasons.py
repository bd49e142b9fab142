"""Which batch set a signature aside, and what organisers wrote about a batch, when a person goes.

The reason of a batch is about many and may name one of them. A row forgets its batch once it is put
back, so where a batch can have held a signature its reason goes: who asked for what on which
ground, the condition and the numbers stay in the chain.
"""

from collections.abc import Iterable

from sqlalchemy import exists, select

from petitions.domain import audit
from petitions.extensions import db
from petitions.models import AuditEntry, SetAsideBatch, Signature

_WORD = "batch"


def word_of(batch_id: int) -> str:
    """Return the reason that signatures of a batch keep in their rows."""
    return f"{_WORD} {batch_id}"


def batch_in(reason: str | None) -> int | None:
    """Return the number of the batch that set a signature aside, from the row's reason."""
    word, _, number = (reason or "").partition(" ")
    return int(number) if word == _WORD and number.isdecimal() else None


def batches_that_held(signature: Signature) -> list[int]:
    """Return the batches that hold a signature, or can have held it before it was put back."""
    touched = (
        SetAsideBatch.petition_id == signature.petition_id,
        SetAsideBatch.last_seen >= signature.id,
        SetAsideBatch.moved > 0,
    )
    query = select(SetAsideBatch.id).where(*touched)
    if not _was_put_back_alone(signature.id):
        query = query.where(SetAsideBatch.put_back > 0)
    found = set(db.session.execute(query).scalars())
    named = batch_in(signature.set_aside_reason)
    return sorted(found | ({named} if named is not None else set()))


def wipe(batch_ids: Iterable[int]) -> None:
    """Wipe what organisers wrote about batches."""
    audit.wipe_reasons([word_of(number) for number in batch_ids])


def wipe_of_petition(petition_id: int) -> None:
    """Wipe what organisers wrote about all batches of a petition."""
    query = select(SetAsideBatch.id).where(SetAsideBatch.petition_id == petition_id)
    wipe(db.session.execute(query).scalars())


def _was_put_back_alone(signature_id: int) -> bool:
    told = exists().where(
        AuditEntry.subject == f"signature {signature_id}",
        AuditEntry.action == "signature put back",
    )
    return bool(db.session.execute(select(told)).scalar())
