"""The organisation's key that signs bundles: made at set-up, kept in the key ring."""

from petitions.documents.minisigning import SigningKey
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


def public_key(keyring: KeyRing) -> str:
    """Return the public half as minisign writes it. Raises KeyMissing before set-up."""
    return signing_key(keyring).public_key
