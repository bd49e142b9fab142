"""Addresses: the form in which two spellings of one mailbox are equal, and keyed hashes of it."""

import hashlib
import hmac
from string import ascii_lowercase, ascii_uppercase
from unicodedata import normalize

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_DOTS_IGNORED = frozenset({"gmail.com", "proton.me"})
_SAME_PROVIDER = {
    "googlemail.com": "gmail.com",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.kz": "yandex.ru",
    "yandex.ua": "yandex.ru",
    "yandex.uz": "yandex.ru",
    "yandex.com.tr": "yandex.ru",
    "pm.me": "proton.me",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
_DASH_TAGS = frozenset({"yahoo.com", "ymail.com", "rocketmail.com"})


def canonical_address(address: str) -> str:
    """Return the one form of a mailbox: lower case, no `+tag`, aliases of the provider folded.

    Only ASCII letters are folded: elsewhere two letters that fold alike (ß and ss) may be two
    mailboxes of two people.

    `address` is syntactically valid with its domain in lower case A-labels or U-labels. The result
    is for comparing alone; mail always goes to the address as it was typed.
    """
    local, _, domain = normalize("NFC", address.strip()).translate(_LOWER).rpartition("@")
    domain = _SAME_PROVIDER.get(domain, domain)
    local = local.split("+", 1)[0] or local
    if domain in _DASH_TAGS:
        local = local.split("-", 1)[0] or local
    if domain in _DOTS_IGNORED:
        local = local.replace(".", "") or local
    if domain == "proton.me":
        local = local.replace("-", "").replace("_", "") or local
    if domain == "yandex.ru":
        local = local.replace("-", ".")  # the provider treats both alike
    return f"{local}@{domain}"


def keyed_hash(key: bytes, *parts: str) -> bytes:
    """Return the HMAC-SHA-256 (RFC 2104) of the parts, each ended by a NUL."""
    return hmac.digest(key, "".join(part + "\0" for part in parts).encode(), hashlib.sha256)
