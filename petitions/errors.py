"""Named domain errors. Views and commands turn them into pages and one-line refusals.

No message here names a person, an address or a signature: errors end up in logs.
"""

from collections.abc import Mapping
from typing import Any


class PetitionsError(Exception):
    """Base of every error that the domain raises on purpose."""


class ConfigurationError(PetitionsError):
    """A setting is missing, malformed or unsafe; the message says which and what to do."""


class NotFound(PetitionsError):
    """What was asked for does not exist."""


class CaseHidden(PetitionsError):
    """The case was hidden: it and all that hangs on it answer 410."""


class PetitionClosed(PetitionsError):
    """The petition takes no signatures now: not open, or past its date."""


class CountryClosed(PetitionsError):
    """The form is closed for people who live in the signer's country, and a notice says why."""


class TransitionRefused(PetitionsError):
    """The state table does not allow this change."""


class NamesDestroyed(TransitionRefused):
    """The names of this petition, or the keys of its case, are destroyed: it stays closed."""


class TokenUnknown(PetitionsError):
    """The token was not made by this site, or for another purpose."""


class TokenExpired(PetitionsError):
    """The token was ours once and is no longer good; `payload` tells what it was for."""

    def __init__(self, payload: object = None) -> None:
        super().__init__("token expired")
        self.payload = payload


class StampExpired(PetitionsError):
    """The hidden stamp of a public form is missing, forged or older than a day."""


class KeyMissing(PetitionsError):
    """A key that is needed to seal or to open is not there. Never fall back to plain text."""


class CaseSealed(KeyMissing):
    """The case is sealed: its names open for one job at a time, with a custodian's passphrase."""


class KeysDestroyed(KeyMissing):
    """The time of a case's names is over: its keys are gone for good, and nobody can be named."""


class RecoveryKeyMistyped(PetitionsError):
    """What was typed is no recovery key: a letter is wrong or missing."""


class CannotOpen(PetitionsError):
    """Sealed data does not open with the key at hand: wrong key, or changed data."""


class ShowsMore(PetitionsError):
    """A signer may show officials less than before, never more, without signing anew."""


class AuditBroken(PetitionsError):
    """An entry of the audit trail does not fit its chain."""


class ChangedMeanwhile(PetitionsError):
    """Somebody else changed the thing that is being saved; `values` are those of now."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__("it was changed meanwhile")
        self.values = values


class Refused(PetitionsError):
    """What was asked for is against a rule; `reason` is a word that the entrance translates."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class BundleRefused(PetitionsError):
    """A bundle cannot be built; the message says why in plain words."""


class LetterTooLong(BundleRefused):
    """A letter runs over the pages that are read, by so many lines in the smallest type."""

    def __init__(self, official: str, lines: int) -> None:
        super().__init__(
            f"the letter to {official} runs over two pages by about {lines}"
            f" {'line' if lines == 1 else 'lines'}, in the smallest type: shorten it, or give a"
            " reason why it may be longer (in the console “Write this letter”, by command"
            " --longer REASON)"
        )
        self.lines = lines


class NothingToHandOver(BundleRefused):
    """No signature is eligible for an office."""
