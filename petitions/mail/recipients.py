"""Addresses in envelope and header: the one thing of a mail that a stranger typed."""

import idna

from petitions.mail.verdicts import Refused

_LONGEST = 254  # RFC 5321, 4.5.3.1.3


def checked_address(address: str) -> str:
    """Return the address with its domain in ASCII, fit for envelope and header.

    The form has checked it already; this is the last door before a header. Raises Refused.
    """
    local, at, domain = address.rpartition("@")
    plain = all(c.isprintable() and not c.isspace() and c not in '<>,;:"()[]\\' for c in address)
    if not at or not local or "@" in local or not plain or len(address) > _LONGEST:
        raise Refused("not an address")
    return f"{local}@{_ascii(domain)}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise Refused("not an address") from None
