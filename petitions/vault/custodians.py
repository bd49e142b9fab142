"""Keeping a case's private key for people instead of for the server.

Each custodian has a key pair of their own. A passphrase makes it with argon2id (RFC 9106): what is
stored is the salt, the parameters and the public half, and the case's key sealed to that with HPKE
(RFC 9180, AES-256-GCM). So one custodian alone can renew what all the others hold, and nobody has
to tell anybody their passphrase. A recovery key is 160 random bits in letters, for paper.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from threading import Lock
from unicodedata import normalize

from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from petitions.errors import CannotOpen, RecoveryKeyMistyped

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SALT = 16
_SECRET = 20
_CHECK = 2
_GROUP = 4
_LETTERS = "ACDEFHJKMNPRTWXY"
"""Sixteen letters, each for four bits: none is taken for a figure or for another when written."""
_TO_HEX = str.maketrans(_LETTERS, "0123456789abcdef")
_FROM_HEX = str.maketrans("0123456789abcdef", _LETTERS)


@dataclass(frozen=True, slots=True)
class Work:
    """How hard it is to try one passphrase: argon2id's passes, memory in KiB and lanes."""

    passes: int
    memory: int
    lanes: int
    version: int = ARGON2_VERSION


_one_at_a_time = Lock()
"""A web server's many threads would otherwise need as many times the memory."""
HARD = Work(passes=3, memory=256 * 1024, lanes=4)
"""Most of a second and 256 MB for each guess: it is typed seldom, and guessed at leisure."""


def new_key() -> bytes:
    """Return a new private key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private_key: bytes) -> bytes:
    """Return the public half of a private key."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def new_salt() -> bytes:
    """Return a salt for one passphrase."""
    return os.urandom(_SALT)


def key_of_passphrase(passphrase: str, salt: bytes, work: Work) -> bytes:
    """Return the private key that a passphrase makes: the same for all ways to type its letters."""
    typed = " ".join(normalize("NFKC", passphrase).split()).encode()
    with _one_at_a_time:
        return hash_secret_raw(
            typed,
            salt,
            time_cost=work.passes,
            memory_cost=work.memory,
            parallelism=work.lanes,
            hash_len=32,
            type=Type.ID,
            version=work.version,
        )


def new_recovery_key() -> str:
    """Return a new recovery key: eleven groups of four letters, the last one a checksum."""
    secret = os.urandom(_SECRET)
    letters = (secret + _checksum(secret)).hex().translate(_FROM_HEX)
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def looks_like_recovery_key(typed: str) -> bool:
    """Whether what was typed is meant for a recovery key, well typed or not."""
    letters = _letters(typed)
    whole = 2 * (_SECRET + _CHECK)
    return abs(len(letters) - whole) <= _GROUP and set(letters) <= set(_LETTERS)


def key_of_recovery(typed: str) -> bytes:
    """Return the private key of a recovery key, in any case, with any spaces or hyphens.

    Raises RecoveryKeyMistyped where a letter is wrong or missing.
    """
    letters = _letters(typed)
    if len(letters) != 2 * (_SECRET + _CHECK) or not set(letters) <= set(_LETTERS):
        raise RecoveryKeyMistyped("a recovery key has eleven groups of four letters")
    both = bytes.fromhex(letters.translate(_TO_HEX))
    secret, check = both[:_SECRET], both[_SECRET:]
    if not hmac.compare_digest(check, _checksum(secret)):
        raise RecoveryKeyMistyped("a letter of the recovery key is wrong")
    return HKDF(SHA256(), 32, salt=None, info=b"petitions recovery key v1").derive(secret)


def wrap(private_key: bytes, public_key: bytes, ref: str) -> bytes:
    """Seal a case's private key to a custodian's public key; `ref` is the case's."""
    return _SUITE.encrypt(private_key, X25519PublicKey.from_public_bytes(public_key), _info(ref))


def unwrap(wrapped: bytes, custodian_key: bytes, ref: str) -> bytes:
    """Invert `wrap`. Raises CannotOpen where it is another's, or of another case."""
    try:
        mine = X25519PrivateKey.from_private_bytes(custodian_key)
        return _SUITE.decrypt(wrapped, mine, _info(ref))
    except InvalidTag as error:
        raise CannotOpen("this custodian's key does not open the case's key") from error


def voucher(private_key: bytes, public_key: bytes, ref: str) -> bytes:
    """Return what shows that whoever had the case's key gave it to this public key.

    Without it, one who can write to the database could put in a key of their own, and wait until
    the case's key is sealed to it.
    """
    hkdf = HKDF(SHA256(), 32, salt=None, info=b"petitions custodians v1 " + ref.encode())
    return hmac.digest(hkdf.derive(private_key), public_key, hashlib.sha256)


def is_vouched(private_key: bytes, public_key: bytes, ref: str, shown: bytes) -> bool:
    """Whether a voucher is right."""
    return hmac.compare_digest(voucher(private_key, public_key, ref), shown)


def _letters(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _checksum(secret: bytes) -> bytes:
    return hashlib.sha256(b"petitions recovery key" + secret).digest()[:_CHECK]


def _info(ref: str) -> bytes:
    return b"petitions custodian v1 " + ref.encode()
