"""The vault: sealing personal data, keyed look-up of addresses. Knows no table, no request."""

from petitions.vault.addresses import canonical_address, keyed_hash
from petitions.vault.keyring import CaseSecrets, KeyRing
from petitions.vault.sealing import DataKey, Person, open_data_key, open_with, padded, seal_with

__all__ = [
    "CaseSecrets",
    "DataKey",
    "KeyRing",
    "Person",
    "canonical_address",
    "keyed_hash",
    "open_data_key",
    "open_with",
    "padded",
    "seal_with",
]
