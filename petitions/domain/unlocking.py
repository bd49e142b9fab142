"""Unlocking a sealed case for one job: a passphrase or the recovery key in, its private key out.

What is unlocked lives in the memory of whoever asked, and is handed on as a site of its own
(`unlocked_site`); the running site stays locked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from petitions.domain import audit
from petitions.domain.case_keys import SEALED, case_key
from petitions.domain.custodians import custodians_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen, RecoveryKeyMistyped, Refused
from petitions.models import Custodian
from petitions.vault import custodians as vault


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A case's private key, and who unlocked it."""

    case_id: int
    custodian_id: int
    private_key: bytes = field(repr=False)


def unlock(case_id: int, secret: str) -> Unlocked:
    """Return the private key of a sealed case. Takes up to a second for each custodian.

    `secret` is a custodian's passphrase, or the recovery key. Raises KeyMissing, Refused:
    "not sealed", "mistyped" (a recovery key), "wrong passphrase".
    """
    key = case_key(case_id)
    if key.mode != SEALED:
        raise Refused("not sealed")
    for custodian in custodians_of(case_id):
        mine = _key_of(custodian, secret)
        if mine is not None and vault.public_of(mine) == custodian.public_key:
            wrapped = custodian.wrapped_key or b""
            try:
                private_key = vault.unwrap(wrapped, mine, key.ref)
            except CannotOpen:
                continue
            if vault.public_of(private_key) == key.public_key:
                return Unlocked(case_id, custodian.id, private_key)
    raise Refused("mistyped" if _is_mistyped(secret) else "wrong passphrase", "secret")


def unlocked_site(site: Site, unlocked: Unlocked) -> Site:
    """Return a site in which this one case is open: for one job, then let go."""
    ref = case_key(unlocked.case_id).ref
    return replace(site, keyring=site.keyring.unlocked_with(ref, unlocked.private_key))


def note_unlocking(
    unlocked: Unlocked,
    job: str,
    actor: str,
    now: datetime,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write down that a case was unlocked, by which custodian's passphrase and what for."""
    detail = {"custodian": unlocked.custodian_id, "for": job, **(more or {})}
    audit.record(actor, "case unlocked", f"case {unlocked.case_id}", detail, now)


def _key_of(custodian: Custodian, secret: str) -> bytes | None:
    if custodian.salt is None or custodian.parameters is None:
        try:
            return vault.key_of_recovery(secret)
        except RecoveryKeyMistyped:
            return None
    if vault.looks_like_recovery_key(secret):
        return None
    return vault.key_of_passphrase(secret, custodian.salt, vault.Work(**custodian.parameters))


def _is_mistyped(secret: str) -> bool:
    if not vault.looks_like_recovery_key(secret):
        return False
    try:
        vault.key_of_recovery(secret)
    except RecoveryKeyMistyped:
        return True
    return False
