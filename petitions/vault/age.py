"""Files for other eyes: encrypted with age, to people's public keys, and opened with theirs."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Protocol

from petitions.errors import CannotOpen, PetitionsError


class RecipientRefused(PetitionsError):
    """What was given is no public or secret key of age's; the message says what is one."""


class Readable(Protocol):
    """What is encrypted: read part by part."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writable(Protocol):
    """What the result goes to, part by part."""

    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


def recipients_of(texts: Iterable[str]) -> list[Any]:
    """Return age recipients: age1… or an SSH public key. Raises RecipientRefused."""
    return [_recipient(text) for text in texts]


def identities_of(text: str) -> list[Any]:
    """Return the secret keys in an identity file. Raises RecipientRefused where there is none."""
    import pyrage

    if "BEGIN OPENSSH PRIVATE KEY" in text:
        try:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        except pyrage.IdentityError as error:
            raise RecipientRefused(
                "the SSH key cannot be used: it must have no passphrase"
            ) from error
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    try:
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except pyrage.IdentityError as error:
        raise RecipientRefused("the identity file holds no key: AGE-SECRET-KEY-1…") from error
    if not found:
        raise RecipientRefused("the identity file holds no key: AGE-SECRET-KEY-1…")
    return found


def new_identity() -> tuple[str, str]:
    """Return a new secret key and its public half, both as age writes them."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def encrypt(source: Readable, target: Writable, recipients: Sequence[Any]) -> None:
    """Write `source` to `target`, readable for the recipients alone."""
    import pyrage

    pyrage.encrypt_io(source, target, list(recipients))


def decrypt(source: BinaryIO, target: Writable, identities: Sequence[Any]) -> None:
    """Invert `encrypt`. Raises CannotOpen where no key fits, or something was changed or cut."""
    import pyrage

    try:
        pyrage.decrypt_io(source, target, list(identities))
    except (pyrage.DecryptError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the file
        raise CannotOpen("it does not open: another key, or the file is damaged") from error


def _recipient(text: str) -> Any:
    import pyrage

    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise RecipientRefused(
            f"{text[:12]}… is no recipient: give a public key as age1… or ssh-ed25519 …"
        ) from error
