"""Locking a file on disk under a key that is kept elsewhere, and reading it again part by part.

AES-256-GCM over parts of 64 KiB, each bound to its place and to whether it is the last one, so that
a file that was cut or put together from others does not open. The key of a file is derived (HKDF,
RFC 5869) from the key that was handed in and a salt at the file's beginning.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from petitions.errors import CannotOpen

FILE_KEY = 32
_SALT = 32
_PART = 64 * 1024
_TAG = 16


def new_file_key() -> bytes:
    """Return a random key for files."""
    return os.urandom(FILE_KEY)


def lock_file(source: BinaryIO, target: BinaryIO, key: bytes, context: bytes) -> None:
    """Write what is left of `source` to `target`, locked and bound to `context`."""
    salt = os.urandom(_SALT)
    aead = _aead(key, salt, context)
    target.write(salt)
    part, number = source.read(_PART), 0
    while True:
        following = source.read(_PART)
        target.write(aead.encrypt(_nonce(number, is_last=not following), part, None))
        if not following:
            return
        part, number = following, number + 1


def unlocked_parts(source: BinaryIO, key: bytes, context: bytes) -> Iterator[bytes]:
    """Yield what `lock_file` locked. Raises CannotOpen where key, context or content do not fit."""
    aead = _aead(key, source.read(_SALT), context)
    part, number = source.read(_PART + _TAG), 0
    while True:
        following = source.read(_PART + _TAG)
        try:
            yield aead.decrypt(_nonce(number, is_last=not following), part, None)
        except InvalidTag as error:
            raise CannotOpen("a locked file does not open with this key") from error
        if not following:
            return
        part, number = following, number + 1


def _aead(key: bytes, salt: bytes, context: bytes) -> AESGCM:
    info = b"petitions locked file v1 " + context
    return AESGCM(HKDF(SHA256(), FILE_KEY, salt=salt, info=info).derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")
