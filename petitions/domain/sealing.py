"""Sealing rows of a case, and opening them again.

The data keys of this process are kept here, each for at most an hour. A new one is offered to
other requests only after the transaction that stored its sealed form was committed: a key that
exists in memory alone would make the rows under it unreadable.
"""

from datetime import datetime
from threading import Lock

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from petitions.domain.case_keys import destroyed, secrets_of
from petitions.errors import KeyMissing
from petitions.extensions import db
from petitions.models import CaseKey, DataKey
from petitions.vault import DataKey as FreshKey
from petitions.vault import KeyRing, Person
from petitions.vault.sealing import OpenedDataKey, open_data_key


def person_context(petition_id: int, order_number: int) -> bytes:
    """Bind a sealed person to its row: moved to another row it does not open."""
    return f"person {petition_id} {order_number}".encode()


def address_context(petition_id: int, order_number: int) -> bytes:
    """Bind a sealed address to its row."""
    return f"address {petition_id} {order_number}".encode()


class Sealer:
    """Seals with the public key of a case; needs no private half."""

    def __init__(self) -> None:
        self._keys: dict[int, tuple[int, FreshKey]] = {}
        self._lock = Lock()

    def data_key(self, case_id: int, now: datetime) -> tuple[int, FreshKey]:
        """Return id and key that seal rows of a case now. Raises KeyMissing."""
        kept = self._keys.get(case_id)
        if kept and kept[1].is_fresh(now):
            return kept
        offered: dict[int, tuple[int, FreshKey]] = db.session.info.setdefault(self, {})
        if case_id in offered and offered[case_id][1].is_fresh(now):
            return offered[case_id]
        key = FreshKey(_public_key(case_id), now)
        row = {"case_id": case_id, "sealed_key": key.sealed, "created_at": now}
        key_id = db.session.execute(insert(DataKey).values(row).returning(DataKey.id)).scalar_one()
        offered[case_id] = (key_id, key)
        self._keep_when_committed()
        return offered[case_id]

    def forget(self) -> None:
        """Drop all keys from memory."""
        with self._lock:
            self._keys.clear()

    def _keep_when_committed(self) -> None:
        session: Session = db.session()
        if session.info.setdefault((self, "listening"), False):
            return
        session.info[(self, "listening")] = True

        def keep(committed: Session) -> None:
            with self._lock:
                self._keys.update(committed.info.pop(self, {}))

        def drop(rolled_back: Session) -> None:
            rolled_back.info.pop(self, None)

        event.listen(session, "after_commit", keep)
        event.listen(session, "after_rollback", drop)


class Opener:
    """Opens sealed rows of one case; each data key is opened once."""

    def __init__(self, private_key: bytes) -> None:
        self._private_key = private_key
        self._opened: dict[int, OpenedDataKey] = {}

    def person(self, data_key_id: int, sealed: bytes, petition_id: int, order: int) -> Person:
        """Open a sealed person. Raises CannotOpen."""
        plain = self._key(data_key_id).open(sealed, person_context(petition_id, order))
        return Person.decode(plain)

    def bytes(self, data_key_id: int, sealed: bytes, context: bytes) -> bytes:
        """Open other sealed bytes of the case. Raises CannotOpen."""
        return self._key(data_key_id).open(sealed, context)

    def _key(self, data_key_id: int) -> OpenedDataKey:
        if data_key_id not in self._opened:
            query = select(DataKey.sealed_key).where(DataKey.id == data_key_id)
            sealed = db.session.execute(query).scalar_one_or_none()
            if sealed is None:
                raise KeyMissing(f"data key {data_key_id} is gone")
            self._opened[data_key_id] = open_data_key(sealed, self._private_key)
        return self._opened[data_key_id]


def _public_key(case_id: int) -> bytes:
    """Return the public key of a case, held until the new data key is stored. Raises KeyMissing.

    Otherwise the case could get other keys in between, and the data key would open with none.
    """
    query = select(CaseKey).where(CaseKey.case_id == case_id)
    held = query.with_for_update(read=True, key_share=True).execution_options(
        populate_existing=True
    )
    row = db.session.execute(held).scalar_one_or_none()
    if row is None:
        raise KeyMissing(f"case {case_id} has no key")
    if row.destroyed_at is not None:
        raise destroyed(case_id)
    return row.public_key


def opener_for(case_id: int, keyring: KeyRing) -> Opener:
    """Return what opens the rows of a case.

    Raises KeyMissing without the private half, CaseSealed where custodians alone have it.
    """
    return Opener(secrets_of(case_id, keyring).private_key)
