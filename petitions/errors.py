"""Named domain errors. Views and commands turn them into pages and one-line refusals.

No message here names a person, an address or a signature: errors end up in logs.
"""


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


class TransitionRefused(PetitionsError):
    """The state table does not allow this change."""


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


class CannotOpen(PetitionsError):
    """Sealed data does not open with the key at hand: wrong key, or changed data."""


class ShowsMore(PetitionsError):
    """A signer may show officials less than before, never more, without signing anew."""


class AuditBroken(PetitionsError):
    """An entry of the audit trail does not fit its chain."""


class BundleRefused(PetitionsError):
    """A bundle cannot be built; the message says why in plain words."""


class NothingToHandOver(BundleRefused):
    """No signature is eligible for an office."""
