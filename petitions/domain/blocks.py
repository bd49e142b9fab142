"""The block list as organisers keep it: rules are listed, added with a reason, and removed.

Matching is in `rules`. Of an address a keyed hash is kept, under a key of the site that serves
nothing else; what the rule is about is told by the reason that was typed.
"""

from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.rules import CAUGHT, key_of_addresses, rule_in
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Block, BlockKind, Petition, Signature, SignatureState
from petitions.vault import canonical_address, keyed_hash

_WIDEST = {4: 8, 6: 16}
"""The shortest prefix of a network: what is wider is a slip that would set everybody aside."""


def rules() -> list[Block]:
    """Return all rules, blocks before allows, newest first."""
    query = select(Block).order_by(Block.allow, Block.id.desc())
    return list(db.session.execute(query).scalars())


def rule_numbered(rule_id: int) -> Block:
    """Return a rule. Raises NotFound."""
    rule = db.session.get(Block, rule_id)
    if rule is None:
        raise NotFound("no such rule")
    return rule


def caught_by_rule() -> dict[int, int]:
    """Return how many signatures that stand aside each rule has caught, removed rules too."""
    query = (
        select(Signature.set_aside_reason, func.count())
        .where(
            # By way of the petitions, whose index knows the state: no walk over all signatures.
            Signature.petition_id.in_(select(Petition.id)),
            Signature.state == SignatureState.SET_ASIDE,
            Signature.set_aside_reason.startswith(f"{CAUGHT} "),
        )
        .group_by(Signature.set_aside_reason)
    )
    found: dict[int, int] = {}
    for reason, number in db.session.execute(query):
        if caught := rule_in(reason):
            found[caught[0]] = found.get(caught[0], 0) + number
    return found


def add(
    site: Site, kind: BlockKind, typed: str, *, allow: bool, reason: str, actor: str, now: datetime
) -> Block:
    """Add a rule; it is in force in all processes within seconds.

    An address is kept as a keyed hash alone, and neither it nor a network stands in the trail.
    Raises Refused: "reason needed", "network", "too wide", "domain", "address", "listed already".
    """
    value = _value(site, kind, typed)
    if not reason:
        raise Refused("reason needed", "reason")
    listed = select(Block.id).where(Block.kind == kind, Block.value == value)
    if db.session.execute(listed).first() is not None:
        raise Refused("listed already", "value")
    rule = Block(kind=kind, value=value, allow=allow, reason=reason, created_at=now)
    db.session.add(rule)
    db.session.flush()
    _record(site, rule, "rule added", reason=reason, actor=actor, now=now)
    return rule


def remove(site: Site, rule: Block, *, reason: str, actor: str, now: datetime) -> None:
    """Remove a rule. What it caught stays set aside until somebody puts it back."""
    _record(site, rule, "rule removed", reason=reason, actor=actor, now=now)
    db.session.delete(rule)
    db.session.flush()


def _record(
    site: Site, rule: Block, action: str, *, reason: str, actor: str, now: datetime
) -> None:
    detail: dict[str, object] = {"kind": rule.kind, "allow": rule.allow}
    if rule.kind == BlockKind.DOMAIN:
        detail["domain"] = rule.value
    audit.record(actor, action, f"rule {rule.id}", detail, now, reason=reason, keyring=site.keyring)


def _value(site: Site, kind: BlockKind, typed: str) -> str:
    match kind:
        case BlockKind.NETWORK:
            return _network(typed)
        case BlockKind.DOMAIN:
            return _domain(typed)
        case BlockKind.ADDRESS:
            local, at, domain = typed.strip().rpartition("@")
            if not at or not local or any(c.isspace() for c in local):
                raise Refused("address", "value")
            canonical = canonical_address(f"{local}@{_domain(domain, 'address')}")
            return keyed_hash(key_of_addresses(site.keyring), canonical).hex()


def _network(typed: str) -> str:
    try:
        network: IPv4Network | IPv6Network = ip_network(typed.strip(), strict=False)
    except ValueError:
        raise Refused("network", "value") from None
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:  # clients are looked at unmapped
            network = ip_network((int(mapped), network.prefixlen - 96))
    if network.prefixlen < _WIDEST[network.version]:
        raise Refused("too wide", "value")
    return str(network)


def _domain(typed: str, refused_as: str = "domain") -> str:
    """Return a mail domain as addresses are kept: in A-labels. A whole top level is refused."""
    text = typed.strip().removeprefix("@").removeprefix("*.").strip(".")
    try:
        found = validate_email(
            f"x@{text}", check_deliverability=False, globally_deliverable=False
        ).ascii_domain.lower()
    except EmailNotValidError:
        raise Refused(refused_as, "value") from None
    if "." not in found or found.startswith("["):
        raise Refused(refused_as, "value")
    return found
