"""Settings that are read, but do not fit together or are not safe."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from petitions.cli.checkup.finding import Finding, good, look, mend
from petitions.cli.house import settings_of

if TYPE_CHECKING:
    from flask import Flask

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def check_settings(app: "Flask") -> Iterator[Finding]:
    """Look at secrets, address and proxies."""
    settings = settings_of(app)
    if settings.secret_key == settings.vault_key:
        yield mend(
            "secrets",
            "PETITIONS_SECRET_KEY and PETITIONS_VAULT_KEY are the same",
            "give PETITIONS_SECRET_KEY a value of its own; never change the vault key",
        )
    else:
        yield good("secrets", "both are set, long and different")
    yield _address(settings.base_url)
    yield _proxies(settings.base_url, settings.trusted_proxies)
    if settings.demonstration:
        yield look(
            "kind of site", "this is a demonstration", "use another directory for a real one"
        )


def _address(base_url: str) -> Finding:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if host in _HERE:
        return look(
            "address", f"{base_url} leads nowhere but to this machine",
            "set PETITIONS_BASE_URL to the address that readers use: links in mails have it",
        )  # fmt: skip
    if parts.scheme == "http" and not host.endswith(".onion"):
        return mend(
            "address", f"{base_url} is not encrypted: names and links can be read on the way",
            "put a web server with TLS in front, and https:// into PETITIONS_BASE_URL",
        )  # fmt: skip
    return good("address", base_url)


def _proxies(base_url: str, proxies: int) -> Finding:
    parts = urlsplit(base_url)
    in_front = parts.scheme == "https" or (parts.hostname or "").endswith(".onion")
    if parts.scheme == "https" and not proxies:
        return mend(
            "proxies", "https needs a web server in front, and PETITIONS_TRUSTED_PROXIES is 0",
            "set it to how many stand in front (1 with nginx): or all readers count as one network",
        )  # fmt: skip
    if proxies and not in_front:
        return look(
            "proxies", f"{proxies} trusted, and nothing says that there are any",
            "set PETITIONS_TRUSTED_PROXIES=0 where readers reach this port themselves: they could "
            "pretend to come from anywhere",
        )  # fmt: skip
    return good("proxies", f"{proxies} in front")
