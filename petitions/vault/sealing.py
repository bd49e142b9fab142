"""Sealing: rows under a data key, the data key sealed to a case's public key.

A data key lives at most an hour in the process that made it. Whoever seals holds the public key
only; opening a million rows costs one private-key operation for each data key and one AES-GCM
(NIST SP 800-38D) for each row. The data key is sealed with HPKE base mode (RFC 9180: X25519,
HKDF-SHA256, AES-256-GCM).
"""

import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from petitions.errors import CannotOpen

DATA_KEY_LIFE = timedelta(hours=1)
_NONCE = 12
_GRAIN = 64
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"petitions data key v1"


@dataclass(frozen=True, slots=True)
class Person:
    """What a signer tells of themselves, and the salt of their commitments. Kept only sealed."""

    name: str = field(repr=False)
    initials: str = field(repr=False)
    place: str = field(repr=False)
    salt: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, initials: str, place: str) -> "Person":
        """Return a person with a new 128-bit salt."""
        return cls(name, initials, place, os.urandom(16))

    def encode(self) -> bytes:
        """Return UTF-8 JSON of the four fields, padded so that lengths tell little."""
        fields = [self.name, self.initials, self.place, self.salt.hex()]
        return padded(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def decode(cls, data: bytes) -> "Person":
        """Invert `encode`."""
        name, initials, place, salt = json.loads(data.decode())
        return cls(name, initials, place, bytes.fromhex(salt))


def padded(plain: bytes) -> bytes:
    """Return text with spaces at its end, up to a multiple of 64 bytes."""
    return plain.ljust(-(-len(plain) // _GRAIN) * _GRAIN)


class DataKey:
    """A symmetric key in memory, with the sealed form that is stored."""

    __slots__ = ("_aead", "born_at", "sealed")

    def __init__(self, public_key: bytes, now: datetime) -> None:
        key = AESGCM.generate_key(256)
        self._aead = AESGCM(key)
        self.born_at = now
        self.sealed = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public_key), _INFO)

    def is_fresh(self, now: datetime) -> bool:
        """Whether rows may still be sealed with it (also false when the clock stepped back)."""
        return self.born_at <= now < self.born_at + DATA_KEY_LIFE

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Return nonce and ciphertext bound to `context`."""
        return _seal(self._aead, plain, context)


class OpenedDataKey:
    """A data key opened with the case's private key: opens rows, seals none."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return the plain bytes. Raises CannotOpen where key, data or context do not fit."""
        return _open(self._aead, sealed, context)


def open_data_key(sealed: bytes, private_key: bytes) -> OpenedDataKey:
    """Open a stored data key. Raises CannotOpen with the wrong private key."""
    try:
        key = _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), _INFO)
    except InvalidTag as error:
        raise CannotOpen("a data key does not open with this private key") from error
    return OpenedDataKey(key)


def reseal_data_key(sealed: bytes, private_key: bytes, public_key: bytes) -> bytes:
    """Seal a stored data key to another public key; rows under it stay. Raises CannotOpen."""
    try:
        key = _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), _INFO)
    except InvalidTag as error:
        raise CannotOpen("a data key does not open with this private key") from error
    return _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public_key), _INFO)


def seal_with(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal under a 256-bit symmetric key, bound to `context`."""
    return _seal(AESGCM(key), plain, context)


def open_with(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open what `seal_with` sealed. Raises CannotOpen where key, data or context do not fit."""
    return _open(AESGCM(key), sealed, context)


def _seal(aead: AESGCM, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + aead.encrypt(nonce, plain, context)


def _open(aead: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except InvalidTag as error:
        raise CannotOpen("sealed data does not open with this key") from error
