"""The relay that PETITIONS_SMTP_URL names, and how much its TLS is trusted."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from petitions.errors import ConfigurationError

Starttls = Literal["required", "offered", "off"]


@dataclass(frozen=True, slots=True)
class Relay:
    """Host, port, sign-in and encryption of a relay."""

    host: str
    port: int
    implicit_tls: bool
    starttls: Starttls
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def tls_context(self) -> ssl.SSLContext:
        """Return what checks the relay's certificate.

        TLS that is only taken where offered is against listeners alone (RFC 7435): it checks
        nothing, since who stands between could as well not offer it. A password is never sent so.
        """
        context = ssl.create_default_context()
        if self.starttls == "offered" and not self.implicit_tls and not self.user:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def relay_of(url: str) -> Relay:
    """Read smtp://user:password@host:port?starttls=required|off, or smtps://…

    Without `starttls`, TLS is used where offered; with a password it is required then, unless the
    relay is on this machine. Raises ConfigurationError.
    """
    parts = urlsplit(url)
    implicit = parts.scheme == "smtps"
    wish = parse_qs(parts.query).get("starttls", [""])[0]
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ConfigurationError("PETITIONS_SMTP_URL is not understood: use smtp://host:port")
    if wish not in {"", "required", "off"}:
        raise ConfigurationError("PETITIONS_SMTP_URL: starttls is 'required' or 'off'")
    try:
        port = parts.port or (465 if implicit else 587)
    except ValueError:
        raise ConfigurationError("PETITIONS_SMTP_URL: the port is not a number") from None
    user = unquote(parts.username or "")
    return Relay(
        host=parts.hostname,
        port=port,
        implicit_tls=implicit,
        starttls=_starttls(wish, implicit, bool(user), parts.hostname),
        user=user,
        password=unquote(parts.password or ""),
    )


def _starttls(wish: str, implicit: bool, signs_in: bool, host: str) -> Starttls:
    if implicit or wish == "off":
        return "off"
    if wish == "required" or (signs_in and not _is_this_machine(host)):
        return "required"
    return "offered"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
