"""The organisation's key that signs bundles: made at set-up, kept in the key ring, and replaced.

A key that was replaced signs nothing new. It is kept, so that the file of an old bundle is written
again as it was, and its public half is shown beside the present one.
"""

from datetime import datetime

from petitions.documents.minisigning import SignatureProblem, SigningKey, key_id, signed_by
from petitions.domain import audit
from petitions.errors import KeyMissing
from petitions.vault import KeyRing


def ensure_signing_key(keyring: KeyRing) -> bool:
    """Make the signing key where there is none yet; return whether it was made now."""
    if keyring.has_signing_key():
        return False
    keyring.store_signing_key(SigningKey.generate().to_bytes())
    return True


def signing_key(keyring: KeyRing) -> SigningKey:
    """Return the signing key. Raises KeyMissing before set-up."""
    return SigningKey.from_bytes(keyring.signing_key())


def key_that_signed(keyring: KeyRing, signature: str) -> SigningKey:
    """Return the key that made a signature, now or before. Raises KeyMissing where it is gone."""
    for key in (signing_key(keyring), *_retired(keyring)):
        try:
            if signed_by(signature) == key_id(key.public_key):
                return key
        except SignatureProblem:
            break
    raise KeyMissing("the key that signed this bundle is not in the key ring")


def replace_signing_key(keyring: KeyRing, now: datetime) -> str:
    """Make another signing key for bundles from now on; return its public half.

    Raises KeyMissing before set-up.
    """
    old, new = signing_key(keyring), SigningKey.generate()
    keys = {"before": key_id(old.public_key), "after": key_id(new.public_key)}
    audit.record("command", "signing key replaced", "signing key", keys, now)
    keyring.replace_signing_key(new.to_bytes(), retired_as=keys["before"].lower())
    return new.public_key


def public_key(keyring: KeyRing) -> str:
    """Return the public half as minisign writes it. Raises KeyMissing before set-up."""
    return signing_key(keyring).public_key


def earlier_public_keys(keyring: KeyRing) -> list[str]:
    """Return the public halves of the keys that were replaced."""
    return [key.public_key for key in _retired(keyring)]


def _retired(keyring: KeyRing) -> list[SigningKey]:
    return [SigningKey.from_bytes(key) for key in keyring.retired_signing_keys()]
