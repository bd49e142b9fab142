"""A case's keys: made with the case, looked up for each signature, destroyed at the end."""

from datetime import datetime

from petitions.errors import KeyMissing
from petitions.extensions import db
from petitions.models import CaseKey
from petitions.vault import CaseSecrets, KeyRing


def make_case_keys(case_id: int, keyring: KeyRing, now: datetime) -> CaseKey:
    """Make the key pair and the look-up key of a new case."""
    ref, public_key = keyring.create_case()
    row = CaseKey(case_id=case_id, ref=ref, public_key=public_key, created_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def case_key(case_id: int) -> CaseKey:
    """Return the case's key row. Raises KeyMissing where there is none, or it was destroyed."""
    row = db.session.get(CaseKey, case_id)
    if row is None or row.destroyed_at is not None:
        raise KeyMissing(f"case {case_id} has no key any more")
    return row


def secrets_of(case_id: int, keyring: KeyRing) -> CaseSecrets:
    """Return private key and look-up key of a case. Raises KeyMissing."""
    return keyring.case(case_key(case_id).ref)
