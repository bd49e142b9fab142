"""How signatures arrive: pseudonyms of networks and mail domains, by minute, for 48 hours at most.

All is hashed or sealed under the key of its day: when that is deleted, nobody can tell which
network or domain it was. A domain's name is opened only where at least `SHOWN_FROM` signatures
share it, since a rare one names a person. Nothing here opens a seal of a case.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, delete, func, insert, select

from petitions.domain.day_keys import KeyOfDay, kept_day_keys
from petitions.domain.prepared import Prepared, table_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen
from petitions.extensions import db
from petitions.models import Arrival, Signature, SignatureState
from petitions.vault import canonical_address, keyed_hash, open_with, padded, seal_with

KEPT_FOR = timedelta(hours=47)
"""The worker looks once an hour: within 48 all is gone."""
SHOWN_FROM = 10
MOST_ROWS = 50
_PSEUDONYM = 16
_ABOUT = b"mail domain"
_S = SignatureState


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form came from: the network's pseudonym, the client, and the wait of its mail."""

    network: str = "unknown"
    address: IPv4Address | IPv6Address | None = field(default=None, repr=False)
    wait: timedelta = timedelta(0)


@dataclass(slots=True)
class Trend:
    """Signatures that have something in common. `key` names it in a condition, `label` on a page.

    Several rare ones together have no key: `things` says how many they are.
    """

    key: str
    label: str
    signatures: int = 0
    confirmed: int = 0
    pending: int = 0
    set_aside: int = 0
    things: int = 1

    def add(self, other: "Trend") -> None:
        """Add the numbers of another."""
        self.signatures += other.signatures
        self.confirmed += other.confirmed
        self.pending += other.pending
        self.set_aside += other.set_aside


@dataclass(frozen=True, slots=True)
class Trends:
    """What the last two days look like. `others` of a list stand together below its end."""

    signatures: int
    networks: list[Trend]
    other_networks: Trend | None
    domains: list[Trend]
    other_domains: Trend | None
    minutes: list[tuple[datetime, Trend]]
    minutes_in_all: int


def note(
    site: Site, signature_id: int, order: int, *, email: str, origin: Origin, now: datetime
) -> None:
    """Note how a new signature arrived.

    One statement for whatever came of the form: where the address held a signature before, the
    row's order number is another, and nothing is noted.
    """
    key = site.day_keys.here(now).key
    domain = canonical_address(email).rpartition("@")[2]
    _NOTE.run(
        network=origin.network[:_PSEUDONYM],
        domain=_domain_pseudonym(key, domain),
        domain_sealed=seal_with(key, padded(domain.encode()), _ABOUT),
        minute=now.replace(second=0, microsecond=0),
        signature_id=signature_id,
        order=order,
    )


def _note(_dialect: str) -> Insert:
    table = table_of(Arrival)
    noted = ("network", "domain", "domain_sealed", "minute")
    row = select(
        Signature.id,
        Signature.petition_id,
        *(bindparam(name, type_=table.c[name].type).label(name) for name in noted),
    ).where(Signature.id == bindparam("signature_id"), Signature.order_number == bindparam("order"))
    return insert(table).from_select(["signature_id", "petition_id", *noted], row)


_NOTE = Prepared(_note)


def forget(signature_id: int) -> None:
    """Delete how a signature arrived, as when it is withdrawn or erased."""
    db.session.execute(delete(Arrival).where(Arrival.signature_id == signature_id))


def forget_old(now: datetime, most: int = 5000) -> int:
    """Delete what is older than 48 hours; return how many rows. At most `most` go at once."""
    old = select(Arrival.signature_id).where(Arrival.minute < now - KEPT_FOR).limit(most)
    gone = delete(Arrival).where(Arrival.signature_id.in_(old)).returning(Arrival.signature_id)
    return len(db.session.execute(gone).all())


def trends(site: Site, petition_id: int, now: datetime) -> Trends:
    """Return what new signatures of the last two days have in common, the most frequent first."""
    networks = _grouped(Arrival.network, petition_id, now)
    minutes = _grouped(Arrival.minute, petition_id, now)
    busiest = sorted(minutes, key=lambda pair: (-pair[1].signatures, pair[0]))[:MOST_ROWS]
    shown, others = _most([trend for _, trend in networks])
    named, rare = _domains(site, petition_id, now)
    return Trends(
        signatures=sum(trend.signatures for _, trend in networks),
        networks=shown,
        other_networks=others,
        domains=named,
        other_domains=rare,
        minutes=sorted(busiest, key=lambda pair: pair[0], reverse=True),
        minutes_in_all=len(minutes),
    )


def domain_pseudonyms(site: Site, domain: str) -> list[str]:
    """Return what a mail domain is called in the arrivals that are kept, day by day."""
    folded = canonical_address(f"x@{domain}").rpartition("@")[2]
    return [_domain_pseudonym(day.key, folded) for day in kept_day_keys(site.keyring)]


def _domain_pseudonym(key: bytes, domain: str) -> str:
    return keyed_hash(key, "mail domain", domain).hex()[:_PSEUDONYM]


def _domains(site: Site, petition_id: int, now: datetime) -> tuple[list[Trend], Trend | None]:
    """Return domains by name, those of both days together; the rare and unnamed as one."""
    keys = kept_day_keys(site.keyring)
    by_name: dict[str, Trend] = {}
    rare: list[Trend] = []
    sealed = _one_sealed_each(petition_id, now)
    for pseudonym, trend in _grouped(Arrival.domain, petition_id, now):
        name = ""
        if trend.signatures >= SHOWN_FROM:
            name = _opened(sealed.get(pseudonym, b""), keys)
        if name:
            by_name.setdefault(name, Trend(name, name)).add(trend)
        else:
            rare.append(trend)
    named, others = _most(by_name.values())
    return named, _together([*rare, *([others] if others else [])])


def _one_sealed_each(petition_id: int, now: datetime) -> dict[str, bytes]:
    """Return one sealed name for each domain that is frequent enough to be opened."""
    frequent = (
        select(func.min(Arrival.signature_id))
        .where(*_of(petition_id, now))
        .group_by(Arrival.domain)
        .having(func.count() >= SHOWN_FROM)
    )
    query = select(Arrival.domain, Arrival.domain_sealed).where(Arrival.signature_id.in_(frequent))
    return {row.domain: bytes(row.domain_sealed) for row in db.session.execute(query)}


def _opened(sealed: bytes, keys: list[KeyOfDay]) -> str:
    for day in keys:
        try:
            return open_with(day.key, sealed, _ABOUT).decode().rstrip()
        except CannotOpen:
            continue
    return ""


def _most(trends: Iterable[Trend]) -> tuple[list[Trend], Trend | None]:
    ordered = sorted(trends, key=lambda trend: (-trend.signatures, trend.key))
    return ordered[:MOST_ROWS], _together(ordered[MOST_ROWS:])


def _together(trends: list[Trend]) -> Trend | None:
    if not trends:
        return None
    sum_of = Trend("", "", things=sum(trend.things for trend in trends))
    for trend in trends:
        sum_of.add(trend)
    return sum_of


def _grouped(column: Any, petition_id: int, now: datetime) -> list[tuple[Any, Trend]]:
    """Count arrivals by a column and by what became of their signatures."""
    found: dict[Any, Trend] = {}
    query = (
        select(column, Signature.state, func.count())
        .join(Signature, Signature.id == Arrival.signature_id)
        .where(*_of(petition_id, now))
        .group_by(column, Signature.state)
    )
    for value, state, number in db.session.execute(query):
        trend = found.setdefault(value, Trend(str(value), str(value)[:8]))
        name = "set_aside" if state is _S.SET_ASIDE else state.value
        trend.signatures += number
        if hasattr(trend, name):
            setattr(trend, name, getattr(trend, name) + number)
    return list(found.items())


def _of(petition_id: int, now: datetime) -> list[ColumnElement[bool]]:
    return [Arrival.petition_id == petition_id, Arrival.minute >= now - KEPT_FOR]
