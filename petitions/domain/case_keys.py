"""A case's keys: made with the case, looked up for each signature, destroyed at the end."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from petitions.errors import CaseSealed, KeyMissing, KeysDestroyed
from petitions.extensions import db
from petitions.models import CaseKey
from petitions.vault import CaseSecrets, KeyRing

SERVER, SEALED = "server", "sealed"
"""Where a case's private key is: in the key ring, or with its custodians alone."""


@dataclass(frozen=True, slots=True)
class KeyLook:
    """What a case's key row says, as far as signing is concerned."""

    ref: str
    mode: str
    destroyed: bool


def make_case_keys(case_id: int, keyring: KeyRing, now: datetime) -> CaseKey:
    """Make the key pair and the look-up key of a new case."""
    ref, public_key = keyring.create_case()
    row = CaseKey(case_id=case_id, ref=ref, public_key=public_key, created_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def case_key(case_id: int) -> CaseKey:
    """Return the case's key row. Raises KeyMissing, and KeysDestroyed where its time is over."""
    row = db.session.get(CaseKey, case_id)
    if row is None:
        raise KeyMissing(f"case {case_id} has no key")
    if row.destroyed_at is not None:
        raise destroyed(case_id)
    return row


def destroyed(case_id: int) -> KeysDestroyed:
    """Return the error that says why nothing of a case can be sealed or opened any more."""
    return KeysDestroyed(f"the time of case {case_id} is over: its keys are destroyed")


def is_sealed(case_id: int) -> bool:
    """Whether a case's names open with a custodian's passphrase alone, until they are destroyed."""
    query = select(CaseKey.mode).where(CaseKey.case_id == case_id, CaseKey.destroyed_at.is_(None))
    return db.session.execute(query).scalar_one_or_none() == SEALED


def secrets_of(case_id: int, keyring: KeyRing) -> CaseSecrets:
    """Return private key and look-up key of a case. Raises KeyMissing, CaseSealed."""
    row = case_key(case_id)
    if row.mode == SEALED and not keyring.is_unlocked(row.ref):
        raise CaseSealed("the case is sealed: a custodian's passphrase is needed")
    return keyring.case(row.ref)


def lookup_key_and_mode(case_id: int, look: KeyLook | None, keyring: KeyRing) -> tuple[bytes, bool]:
    """Return the key of a case's address look-ups, and whether the case is sealed.

    Raises KeyMissing, and KeysDestroyed where its time is over.
    """
    if look is None:
        raise KeyMissing(f"case {case_id} has no key")
    if look.destroyed:
        raise destroyed(case_id)
    return keyring.lookup_key(look.ref), look.mode == SEALED


def lookup_key_of(case_id: int, keyring: KeyRing) -> bytes:
    """Return the key of a case's address look-ups, sealed or not. Raises KeyMissing."""
    return keyring.lookup_key(case_key(case_id).ref)
