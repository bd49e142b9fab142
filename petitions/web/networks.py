"""The network a request comes from, as limits see it: an IPv4 address, or an IPv6 /64."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from flask import current_app, g, request

from petitions.clock import now
from petitions.vault import keyed_hash

UNKNOWN = "unknown"


def network_of(address: str | None) -> str:
    """Return the network of a client's address as the server reports it, with or without port.

    IPv4 inside IPv6 is unmapped: otherwise one client had two limits, or all had the same /64.
    """
    try:
        found = ip_address(_without_port(address or "").partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    mapped = found.ipv4_mapped or found.sixtofour
    if mapped is not None:
        return str(mapped)
    return str(IPv6Network((found, 64), strict=False))


def client_network() -> str:
    """Return the pseudonym of today for the network of this request: stores hold no address."""
    if "network" not in g:  # asked for by each limit, by the slower lane and by the trends
        g.network = pseudonym(network_of(request.remote_addr), now())
    return str(g.network)


def client_address() -> IPv4Address | IPv6Address | None:
    """Return the address of this request, unmapped, for block lists alone; it is kept nowhere."""
    try:
        found = ip_address(_without_port(request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped or found.sixtofour if isinstance(found, IPv6Address) else None
    return mapped or found


def pseudonym(network: str, moment: datetime) -> str:
    """Return a hash of a network under the random key of the day.

    The key is in the database, and deleted after 48 hours: nobody can hash a network again then.
    Networks that are alike before midnight (UTC) and after it have nothing in common.
    """
    key = current_app.extensions["petitions"].day_keys.key(moment)
    return keyed_hash(key, "network", network).hex()[:32]


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, colon, port = address.partition(":")
    return host if colon and port.isdecimal() else address
