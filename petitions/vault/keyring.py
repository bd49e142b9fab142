"""The server's key ring: one file a case in the data directory, wrapped under the vault key.

It lies outside the database and its backups. Destroying a case's file makes what was sealed for
the case unreadable for good. Of a sealed case the file holds the key of address look-ups alone.
Private keys are read from it when they are needed, and not kept in memory. Other keys are derived
from the vault key, each for one purpose.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from petitions.errors import CannotOpen, CaseSealed, KeyMissing
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
        self._lookup_keys: dict[str, bytes] = {}
        self._unlocked: dict[str, bytes] = {}
        self.derived = cache(self._derive)

    def create_case(self) -> tuple[str, bytes]:
        """Make the keys of a new case; return the reference of its file and the public key."""
        private = X25519PrivateKey.generate()
        ref = os.urandom(16).hex()
        self._write(f"case-{ref}.key", private.private_bytes_raw() + os.urandom(_KEY))
        return ref, private.public_key().public_bytes_raw()

    def case(self, ref: str) -> CaseSecrets:
        """Return the secrets of a case.

        Raises KeyMissing where they are not in the ring, CaseSealed where the private one is not.
        """
        private_key, lookup_key = self._both(ref)
        private_key = self._unlocked.get(ref, private_key)
        if not private_key:
            raise CaseSealed("the case is sealed: a custodian's passphrase is needed")
        return CaseSecrets(private_key, lookup_key)

    def lookup_key(self, ref: str) -> bytes:
        """Return the key of a case's address look-ups, sealed or not. Raises KeyMissing."""
        if ref not in self._lookup_keys:
            self._lookup_keys[ref] = self._both(ref)[1]
        return self._lookup_keys[ref]

    def unlocked_with(self, ref: str, private_key: bytes) -> "KeyRing":
        """Return this ring with a sealed case's private key in memory: for one job, then let go."""
        ring = KeyRing(self._folder, self._root.decode())
        ring._unlocked[ref] = private_key
        return ring

    def is_unlocked(self, ref: str) -> bool:
        """Whether a sealed case's private key was given to this ring for a job."""
        return ref in self._unlocked

    def holds_private_key(self, ref: str) -> bool:
        """Whether the file of a case holds its private key. Raises KeyMissing without a file."""
        return bool(self._both(ref)[0])

    def keep_private_key(self, ref: str, private_key: bytes) -> None:
        """Put a private key into the file of a case, in place of the one there. Raises KeyMissing.

        Empty, it leaves the look-up key alone in it. The file before is overwritten.
        """
        both = private_key + self._both(ref)[1]
        path = self._folder / f"case-{ref}.key"
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        self._write(new.name, both, sealed_as=path.name)
        with path.open("r+b") as old:  # still open when another has its name
            new.replace(path)
            self._settle()
            _fill_with_noise(old)

    def destroy_case(self, ref: str) -> None:
        """Overwrite and remove the file of a case's keys, here and in memory, for good."""
        self._lookup_keys.pop(ref, None)
        self._unlocked.pop(ref, None)
        for path in self._folder.glob(f"case-{ref}.*"):
            with path.open("r+b") as file:
                _fill_with_noise(file)
            path.unlink()
        self._settle()

    def has_case(self, ref: str) -> bool:
        """Whether there is a file of a case, or a leftover of one."""
        return any(self._folder.glob(f"case-{ref}.*"))

    def signing_key(self) -> bytes:
        """Return the organisation's bundle signing key. Raises KeyMissing before set-up."""
        return self._read("signing.key")

    def store_signing_key(self, key: bytes) -> None:
        """Keep the signing key that was made at set-up."""
        self._write("signing.key", key)

    def retired_signing_keys(self) -> list[bytes]:
        """Return the signing keys that were replaced, by the names they were kept under."""
        names = sorted(path.name for path in self._folder.glob("signing-*.key"))
        return [self._read(name) for name in names]

    def replace_signing_key(self, key: bytes, *, retired_as: str) -> None:
        """Keep another signing key, and the one before under a name of its own.

        A crash leaves the old one in force or the new one; repeating it goes on. Raises KeyMissing
        before set-up.
        """
        old = self.signing_key()
        if not (self._folder / f"signing-{retired_as}.key").exists():
            self._write(f"signing-{retired_as}.key", old)
        (self._folder / "signing.new").unlink(missing_ok=True)
        self._write("signing.new", key, sealed_as="signing.key")
        (self._folder / "signing.new").replace(self._folder / "signing.key")
        self._settle()

    def has_signing_key(self) -> bool:
        """Whether set-up has made a signing key."""
        return (self._folder / "signing.key").exists()

    def wrapped_files(self) -> dict[str, bytes]:
        """Return all key files as they lie there, wrapped under the vault key, for a backup."""
        found = {}
        for path in sorted(self._folder.glob("*.key")):
            with suppress(FileNotFoundError):  # destroyed this moment
                found[path.name] = path.read_bytes()
        return found

    def _derive(self, purpose: str) -> bytes:
        """Derive the 256-bit key of one purpose from the vault key (HKDF, RFC 5869)."""
        hkdf = HKDF(SHA256(), _KEY, salt=None, info=f"petitions {purpose} v1".encode())
        return hkdf.derive(self._root)

    def _both(self, ref: str) -> tuple[bytes, bytes]:
        """Return the private key, empty where the case is sealed, and the look-up key."""
        kept = self._read(f"case-{ref}.key")
        return kept[:-_KEY], kept[-_KEY:]

    def _write(self, name: str, plain: bytes, *, sealed_as: str = "") -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / name
        sealed = seal_with(self._derive("key ring"), plain, (sealed_as or name).encode())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        self._settle()

    def _settle(self) -> None:
        """Make names in the folder survive a power cut too."""
        folder = os.open(self._folder, os.O_RDONLY)
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


def _fill_with_noise(file: BinaryIO) -> None:
    file.write(os.urandom(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())
