"""Conditions under which signatures of a petition are set aside in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from petitions.domain.arrivals import domain_pseudonyms
from petitions.domain.site import Site
from petitions.models import Appearance, Arrival, Signature, SignatureState, Verification

_S = SignatureState
PERSONAL = ("network", "domain")
"""What says something of where people signed from: kept for 48 hours at most."""
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Condition:
    """What signatures have in common; whatever is empty does not count. All of it must fit.

    `network` is a pseudonym of the last two days, `domain` a mail domain in them. `until` is the
    first moment that is not meant any more.
    """

    network: str = ""
    domain: str = ""
    since: datetime | None = None
    until: datetime | None = None
    country: str = ""
    language: str = ""
    appearance: Appearance | None = None
    state: SignatureState | None = None
    mixed: bool = False
    """Whether a word of the name mixes scripts: told by opening each, so not in sealed cases."""

    @property
    def is_empty(self) -> bool:
        """Whether it would mean everybody, or all that are pending or confirmed."""
        return not self.says()

    def says(self) -> list[str]:
        """Return the names of what it says, the state aside."""
        names = ("network", "domain", "since", "until", "country", "language", "appearance")
        return [name for name in (*names, "mixed") if getattr(self, name)]

    def kept(self) -> dict[str, Any]:
        """Return it as a batch keeps it."""
        return {
            "network": self.network,
            "domain": self.domain,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "country": self.country,
            "language": self.language,
            "appearance": self.appearance or "",
            "state": self.state or "",
            "mixed": self.mixed,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Condition":
        """Invert `kept`."""
        return cls(
            network=kept["network"],
            domain=kept["domain"],
            since=datetime.fromisoformat(kept["since"]) if kept["since"] else None,
            until=datetime.fromisoformat(kept["until"]) if kept["until"] else None,
            country=kept["country"],
            language=kept["language"],
            appearance=Appearance(kept["appearance"]) if kept["appearance"] else None,
            state=_S(kept["state"]) if kept["state"] else None,
            mixed=kept["mixed"],
        )


def without_origin(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept condition that tells no network and no mail domain any more."""
    return {**kept, **{name: FORGOTTEN if kept[name] else "" for name in PERSONAL}}


def selects(site: Site, petition_id: int, condition: Condition) -> list[ColumnElement[bool]]:
    """Return what a query for the signatures that may be set aside asks of them.

    Attested ones are never meant: an organiser knows those people. `mixed` is not asked here.
    """
    if condition.is_empty:
        raise ValueError("an empty condition means everybody")
    states = [condition.state] if condition.state else [_S.PENDING, _S.CONFIRMED]
    wanted: list[ColumnElement[bool]] = [
        Signature.petition_id == petition_id,
        Signature.state.in_(states),
        Signature.verified_by == Verification.EMAIL,
    ]
    for name in ("country", "language", "appearance"):
        if value := getattr(condition, name):
            wanted.append(getattr(Signature, name) == value)
    if condition.since:
        wanted.append(Signature.created_at >= condition.since)
    if condition.until:
        wanted.append(Signature.created_at < condition.until)
    if condition.network or condition.domain:
        wanted.append(_arrived(site, condition))
    return wanted


def _arrived(site: Site, condition: Condition) -> ColumnElement[bool]:
    arrived = select(Arrival.signature_id).where(Arrival.signature_id == Signature.id)
    if condition.network:
        arrived = arrived.where(Arrival.network == condition.network)
    if condition.domain:
        arrived = arrived.where(Arrival.domain.in_(domain_pseudonyms(site, condition.domain)))
    return exists(arrived)
