"""The server's key ring: one file a case in the data directory, wrapped under the vault key.

It lies outside the database and its backups. Destroying a case's file makes what was sealed for
the case unreadable for good. Other keys are derived from the vault key, each for one purpose.
"""

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from petitions.errors import CannotOpen, KeyMissing
from petitions.vault.sealing import open_with, seal_with

_KEY = 32


@dataclass(frozen=True, slots=True)
class CaseSecrets:
    """A case's private key and the key of its address look-ups."""

    private_key: bytes = field(repr=False)
    lookup_key: bytes = field(repr=False)


class KeyRing:
    """Keys of the running server.

    `folder` holds the wrapped keys; `vault_key` is the setting's text, of any form with at least
    256 bits in it.
    """

    def __init__(self, folder: Path, vault_key: str) -> None:
        self._folder = folder
        self._root = vault_key.encode()
        self._opened: dict[str, CaseSecrets] = {}
        self.derived = cache(self._derive)

    def create_case(self) -> tuple[str, bytes]:
        """Make the keys of a new case; return the reference of its file and the public key."""
        private = X25519PrivateKey.generate()
        ref = os.urandom(16).hex()
        self._write(f"case-{ref}.key", private.private_bytes_raw() + os.urandom(_KEY))
        return ref, private.public_key().public_bytes_raw()

    def case(self, ref: str) -> CaseSecrets:
        """Return the secrets of a case. Raises KeyMissing where they are not in the ring."""
        if ref not in self._opened:
            both = self._read(f"case-{ref}.key")
            self._opened[ref] = CaseSecrets(both[:_KEY], both[_KEY:])
        return self._opened[ref]

    def destroy_case(self, ref: str) -> None:
        """Overwrite and remove the file of a case's keys, here and in memory."""
        self._opened.pop(ref, None)
        path = self._folder / f"case-{ref}.key"
        if path.exists():
            with path.open("r+b") as file:
                file.write(os.urandom(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()

    def signing_key(self) -> bytes:
        """Return the organisation's bundle signing key. Raises KeyMissing before set-up."""
        return self._read("signing.key")

    def store_signing_key(self, key: bytes) -> None:
        """Keep the signing key that was made at set-up."""
        self._write("signing.key", key)

    def has_signing_key(self) -> bool:
        """Whether set-up has made a signing key."""
        return (self._folder / "signing.key").exists()

    def _derive(self, purpose: str) -> bytes:
        """Derive the 256-bit key of one purpose from the vault key (HKDF, RFC 5869)."""
        hkdf = HKDF(SHA256(), _KEY, salt=None, info=f"petitions {purpose} v1".encode())
        return hkdf.derive(self._root)

    def _write(self, name: str, plain: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / name
        sealed = seal_with(self._derive("key ring"), plain, name.encode())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self._folder, os.O_RDONLY)  # the name must survive a power cut too
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self, name: str) -> bytes:
        try:
            sealed = (self._folder / name).read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(f"the key {name} is not in the key ring {self._folder}") from error
        try:
            return open_with(self._derive("key ring"), sealed, name.encode())
        except CannotOpen as error:
            raise KeyMissing(
                f"the key {name} does not open: PETITIONS_VAULT_KEY is not the one it was made with"
            ) from error
