"""Rules about networks, mail domains and addresses, as they are matched when a signature arrives.

A block sets the signature aside, with the rule's number, and nobody who signs can tell. An allow
lifts the slower lane and nothing else; a block beats it. Rules hold for the whole site.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network
from threading import Lock

from sqlalchemy import func, select

from petitions.extensions import db
from petitions.models import Block, BlockKind
from petitions.vault import KeyRing, canonical_address, keyed_hash

REFRESHED_EVERY = timedelta(seconds=2)
CAUGHT = "block"
"""How the reason begins that a signature caught by a rule keeps in its row."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one arrival: the reason kept in its row, and whether it may go fast."""

    caught: str | None = None
    allowed: bool = False


@dataclass(slots=True)
class _Book:
    """Rules of one sort, each found by one or few look-ups."""

    addresses: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    networks: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)
    """By IP version and length of the prefix: the network's number -> the rule's."""

    def enter(self, rule: Block) -> None:
        match BlockKind(rule.kind):
            case BlockKind.ADDRESS:
                self.addresses[rule.value] = rule.id
            case BlockKind.DOMAIN:
                self.domains[rule.value] = rule.id
            case BlockKind.NETWORK:
                network = ip_network(rule.value)
                same = self.networks.setdefault((network.version, network.prefixlen), {})
                same[int(network.network_address)] = rule.id

    def match(
        self, hashed: str, domains: list[str], address: IPv4Address | IPv6Address | None
    ) -> str | None:
        """Return the rule that fits, as its signatures keep it. All is looked up in any case."""
        found: list[str] = []
        if hashed in self.addresses:
            found.append(_word(self.addresses[hashed], BlockKind.ADDRESS))
        found += [_word(self.domains[d], BlockKind.DOMAIN) for d in domains if d in self.domains]
        for (version, prefix), rules in self.networks.items():
            if address is not None and address.version == version:
                free = address.max_prefixlen - prefix
                number = int(address) >> free << free
                if number in rules:
                    found.append(_word(rules[number], BlockKind.NETWORK))
        return found[0] if found else None


class Rules:
    """The rules as this process knows them: at most two seconds old, so that signing pays little.

    Read in the transaction of whoever signs, and again only where something changed.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._key = key_of_addresses(keyring)
        self._blocks, self._allows = _Book(), _Book()
        self._state: tuple[object, ...] | None = None
        self._looked_at: datetime | None = None
        self._lock = Lock()

    def verdict(
        self, email: str, address: IPv4Address | IPv6Address | None, now: datetime
    ) -> Verdict:
        """Say what the rules make of a signature with this address from this client."""
        self._refresh(now)
        canonical = canonical_address(email)
        hashed = keyed_hash(self._key, canonical).hex()
        domains = [*dict.fromkeys([*_with_parents(email), *_with_parents(canonical)])]
        blocks, allows = self._blocks, self._allows
        caught = blocks.match(hashed, domains, address)
        allowed = allows.match(hashed, domains, address) is not None
        return Verdict(caught, allowed and caught is None)

    def _refresh(self, now: datetime) -> None:
        last = self._looked_at
        if last is not None and last <= now < last + REFRESHED_EVERY:
            return
        with self._lock:
            query = select(func.count(), func.sum(Block.id), func.max(Block.created_at))
            state = tuple(db.session.execute(query).one())
            if state != self._state:
                self._blocks, self._allows = _books()
                self._state = state
            self._looked_at = now


def key_of_addresses(keyring: KeyRing) -> bytes:
    """Return the site's key under which addresses in rules are hashed, used for nothing else."""
    return keyring.derived("blocks")


def rule_in(reason: str | None) -> tuple[int, BlockKind] | None:
    """Return number and kind of the rule that a signature was caught by, from the row's reason."""
    word, _, rest = (reason or "").partition(" ")
    number, _, kind = rest.partition(" ")
    if word != CAUGHT or not number.isdecimal() or kind not in [*BlockKind]:
        return None
    return int(number), BlockKind(kind)


def _with_parents(email: str) -> Iterator[str]:
    """Yield an address's domain and those above it, without the top level."""
    labels = email.rpartition("@")[2].lower().split(".")
    for begin in range(len(labels) - 1):
        yield ".".join(labels[begin:])


def _books() -> tuple[_Book, _Book]:
    blocks, allows = _Book(), _Book()
    query = select(Block).execution_options(populate_existing=True)
    for rule in db.session.execute(query).scalars():
        (allows if rule.allow else blocks).enter(rule)
    return blocks, allows


def _word(rule_id: int, kind: BlockKind) -> str:
    return f"{CAUGHT} {rule_id} {kind}"
