"""Minisign key pairs, signatures and their verification (https://jedisct1.github.io/minisign/).

Signatures are of the prehashed kind ("ED"), as `minisign -S` makes them since 0.8, and are verified
by `minisign -V`. The secret key leaves here only as bytes that the caller must seal.
"""

from dataclasses import dataclass

import minisign


class SignatureProblem(ValueError):
    """A signature or key cannot be read, or the signature does not fit the data or the key."""


class ForeignKey(SignatureProblem):
    """The signature was made by another key than the one given."""


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """An Ed25519 key pair with minisign's key id; its repr shows nothing of it."""

    _secret: minisign.SecretKey

    @classmethod
    def generate(cls) -> "SigningKey":
        return cls(minisign.KeyPair.generate().secret_key)

    @classmethod
    def from_bytes(cls, data: bytes) -> "SigningKey":
        """Read what `to_bytes` gave. Raises SignatureProblem."""
        try:
            return cls(minisign.SecretKey.from_bytes(data))
        except minisign.Error as problem:
            raise SignatureProblem("not an unencrypted minisign secret key") from problem

    def to_bytes(self) -> bytes:
        """The secret key as an unencrypted minisign key file: seal it before it is stored."""
        return bytes(self._secret) + b"\n"

    @property
    def public_key(self) -> str:
        """The public key as minisign prints it, 56 characters beginning with RW."""
        return str(self._secret.get_public_key().to_base64(), "ascii")

    def sign(self, data: bytes, trusted_comment: str) -> str:
        """The text of a `.minisig` file over `data`; the comment (printable ASCII) is signed."""
        signature = self._secret.sign(data, trusted_comment=trusted_comment)
        return f"{bytes(signature).decode()}\n"

    def __repr__(self) -> str:
        return f"<SigningKey {key_id(self.public_key)}>"


def verify(data: bytes, signature: str, public_key: str) -> str:
    """Check a `.minisig` text over `data` and return its trusted comment.

    `public_key` is the RW... line or the text of a `.pub` file. Raises ForeignKey where another key
    signed, and SignatureProblem for everything else that is wrong.
    """
    key = _public_key(public_key)
    try:
        parsed = minisign.Signature.from_bytes(signature.encode())
    except (minisign.Error, ValueError) as problem:
        raise SignatureProblem("the signature cannot be read") from problem
    if parsed._key_id != key._keynum_pk.key_id:
        raise ForeignKey("the signature was made by another key")
    try:
        key.verify(data, parsed)
    except (minisign.Error, ValueError) as problem:
        raise SignatureProblem("the signature does not fit") from problem
    return str(parsed.trusted_comment)


def signed_by(signature: str) -> str:
    """The id of the key that a `.minisig` text names, as `key_id`. Raises SignatureProblem."""
    try:
        parsed = minisign.Signature.from_bytes(signature.encode())
    except (minisign.Error, ValueError) as problem:
        raise SignatureProblem("the signature cannot be read") from problem
    return bytes(parsed._key_id[::-1]).hex().upper()


def key_id(public_key: str) -> str:
    """The key's id as minisign shows it: 16 hexadecimal digits, the bytes read little-endian."""
    return bytes(_public_key(public_key)._keynum_pk.key_id[::-1]).hex().upper()


def _public_key(text: str) -> minisign.PublicKey:
    lines = text.split("\n")
    line = next((line.strip() for line in reversed(lines) if line.strip()), "")
    try:
        return minisign.PublicKey.from_base64(line)
    except (minisign.Error, ValueError) as problem:
        raise SignatureProblem("not a minisign public key (RW…)") from problem
