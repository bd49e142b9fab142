"""Sealed addresses of signatures set aside before they were confirmed, so that nothing is lost.

Their signers see what everybody sees, and who is put back is as before. An address goes from here
when its signature is confirmed, withdrawn, put back or expires, as it would from its own row.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, literal, select, update

from petitions.extensions import db
from petitions.models import SetAsideAddress, Signature, SignatureState


def keep_one(signature_id: int, order: int, address_sealed: bytes) -> None:
    """Keep the address of a signature that was set aside as it arrived, if the row is that one."""
    row = select(Signature.id, literal(address_sealed, SetAsideAddress.address_sealed.type)).where(
        Signature.id == signature_id, Signature.order_number == order
    )
    db.session.execute(insert(SetAsideAddress).from_select(["signature_id", "address_sealed"], row))


def keep(ids: Sequence[int]) -> None:
    """Keep the addresses of pending signatures that are about to be set aside and want no news."""
    rows = select(Signature.id, Signature.address_sealed).where(
        Signature.id.in_(ids),
        Signature.state == SignatureState.PENDING,
        Signature.news.is_(False),
        Signature.address_sealed.is_not(None),
    )
    db.session.execute(
        insert(SetAsideAddress).from_select(["signature_id", "address_sealed"], rows)
    )


def keep_caught(signature_id: int) -> None:
    """Keep the address of one set aside and unconfirmed that is about to want no more news."""
    row = select(Signature.id, Signature.address_sealed).where(
        Signature.id == signature_id,
        Signature.state == SignatureState.SET_ASIDE,
        Signature.confirmed_at.is_(None),
        Signature.address_sealed.is_not(None),
    )
    db.session.execute(insert(SetAsideAddress).from_select(["signature_id", "address_sealed"], row))


def give_back(ids: Sequence[int]) -> None:
    """Return the addresses of those that are pending again, and keep none of them here."""
    kept = select(SetAsideAddress.address_sealed).where(
        SetAsideAddress.signature_id == Signature.id
    )
    pending = update(Signature).where(
        Signature.id.in_(ids),
        Signature.state == SignatureState.PENDING,
        Signature.address_sealed.is_(None),
    )
    values = {"address_sealed": kept.scalar_subquery()}
    db.session.execute(pending.values(values).execution_options(synchronize_session="fetch"))
    forget(ids)


def kept(signature_id: int) -> bytes | None:
    """Return the sealed address that is kept for a signature, where there is one."""
    query = select(SetAsideAddress.address_sealed)
    return db.session.execute(
        query.where(SetAsideAddress.signature_id == signature_id)
    ).scalar_one_or_none()


def forget(ids: Sequence[int]) -> None:
    """Delete the addresses that are kept for these signatures."""
    db.session.execute(delete(SetAsideAddress).where(SetAsideAddress.signature_id.in_(ids)))
