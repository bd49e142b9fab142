"""Custodians of a sealed case: preparing a new one, entering them, letting them go.

A passphrase is nowhere but in the call that prepares; what is kept opens nothing without it.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import CaseKey, Custodian
from petitions.vault import custodians as vault

SHORTEST = 12
_HARD_TO_GUESS = 4
_LONGEST_JUDGED = 72


@dataclass(frozen=True, slots=True)
class NewCustodian:
    """Somebody who is to be able to unlock a case: what is kept, made of a passphrase."""

    label: str
    organiser_id: int | None
    salt: bytes | None = field(repr=False)
    work: vault.Work | None
    public_key: bytes = field(repr=False)


def by_passphrase(
    label: str, passphrase: str, organiser_id: int | None = None, work: vault.Work = vault.HARD
) -> NewCustodian:
    """Prepare a custodian with a passphrase; takes a second, so before the transaction.

    Raises Refused: "no label", "too short", "too easy".
    """
    if not label.strip():
        raise Refused("no label", "label")
    if len(passphrase.strip()) < SHORTEST:
        raise Refused("too short", "passphrase")
    from zxcvbn import zxcvbn  # 12 MB of words: only where somebody chooses a passphrase

    if zxcvbn(passphrase[:_LONGEST_JUDGED], [label])["score"] < _HARD_TO_GUESS:
        raise Refused("too easy", "passphrase")
    salt = vault.new_salt()
    public_key = vault.public_of(vault.key_of_passphrase(passphrase, salt, work))
    return NewCustodian(label.strip(), organiser_id, salt, work, public_key)


def by_recovery_key(recovery_key: str) -> NewCustodian:
    """Prepare the recovery key. Raises RecoveryKeyMistyped."""
    public_key = vault.public_of(vault.key_of_recovery(recovery_key))
    return NewCustodian("recovery key", None, None, None, public_key)


def custodians_of(case_id: int) -> list[Custodian]:
    """Return those who can unlock a case, oldest first; the recovery key is one of them."""
    query = select(Custodian).where(Custodian.case_id == case_id, Custodian.removed_at.is_(None))
    return list(db.session.execute(query.order_by(Custodian.id)).scalars())


def enter(key: CaseKey, new: NewCustodian, private_key: bytes, now: datetime) -> Custodian:
    """Seal a case's private key to a custodian and keep it."""
    custodian = Custodian(
        case_id=key.case_id,
        kind="passphrase" if new.salt else "recovery",
        label=new.label,
        organiser_id=new.organiser_id,
        salt=new.salt,
        parameters=asdict(new.work) if new.work else None,
        public_key=new.public_key,
        wrapped_key=vault.wrap(private_key, new.public_key, key.ref),
        voucher=vault.voucher(private_key, new.public_key, key.ref),
        created_at=now,
    )
    db.session.add(custodian)
    db.session.flush()
    return custodian


def leave(custodian: Custodian, now: datetime) -> None:
    """Wipe what a custodian held. That they cannot open what comes needs new keys for the case."""
    custodian.wrapped_key, custodian.removed_at = None, now
    db.session.flush()


def forget_custodians(case_id: int, now: datetime) -> int:
    """Wipe what all custodians of a case hold, where its keys are destroyed; return how many.

    Without it a passphrase would go on to open what the key ring has forgotten.
    """
    everybody = custodians_of(case_id)
    for custodian in everybody:
        leave(custodian, now)
    return len(everybody)
