"""acknowledged = stored = counted = mailed = bundled: how far each is from the others."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from petitions.vault import KeyRing, canonical_address, keyed_hash
from tests.faults.visitors import PETITION
from tests.settings import VAULT_KEY

if TYPE_CHECKING:
    from tests.faults.world import World

NEVER = (
    "lost", "doubled", "unmailed", "unexplained mails", "other ids", "still waiting",
    "confirmations lost", "miscounted", "misbundled", "odd answers", "names in logs",
    "operator not told", "not recovered",
)  # fmt: skip
"""What must never be, whatever broke."""
_SIGNATURES = sa.text(
    "SELECT s.id, s.lookup, s.state, k.ref, p.id FROM signature s"
    " JOIN petition p ON p.id = s.petition_id JOIN case_key k ON k.case_id = p.case_id"
    " WHERE p.slug = :slug"
)
_WAITING = sa.text("SELECT count(*) FROM mail WHERE state = 'waiting'")
_NEWEST_BUNDLE = sa.text(
    "SELECT b.signature_id FROM bundle_signature b WHERE b.bundle_id = (SELECT max(id) FROM bundle)"
)


def reconcile(world: World, told: str) -> dict[str, Any]:
    """What came of a run, by name. `told` is a pattern that the operator must have been told."""
    ledger = world.visitors.ledger
    rows = world.rows(_SIGNATURES, slug=PETITION)
    states: dict[bytes, list[str]] = {}
    for row in rows:
        states.setdefault(bytes(row[1]), []).append(row[2])
    stored = _finder(world, rows, states)
    acknowledged = set(ledger.acknowledged)
    arrived = Counter(mail.recipients[0] for mail in world.smtp.mails)
    ids: dict[str, set[str]] = {}
    for mail in world.smtp.mails:
        ids.setdefault(mail.recipients[0], set()).add(str(mail.message["Message-ID"]))
    due = {one for one in acknowledged if not world.nobody_at(one)}
    tried = acknowledged | ledger.uncertain
    confirmed = {row[0] for row in rows if row[2] == "confirmed"}
    return {
        "acknowledged": len(acknowledged),
        "given back": ledger.refusals,
        "confirmed": len(ledger.confirmed),
        "lost": sum(not stored(one) for one in acknowledged),
        "doubled": sum(len(found) > 1 for found in states.values()),
        "unmailed": len(due - set(arrived)),
        "unexplained mails": sum(not stored(one) or one not in tried for one in arrived),
        "other ids": sum(len(found) > 1 for found in ids.values()),
        "still waiting": world.rows(_WAITING)[0][0],
        "copies": sum(arrived.values()) - len(arrived),
        "confirmations lost": sum(stored(one) != ["confirmed"] for one in ledger.confirmed),
        "miscounted": _miscounted(world, len(confirmed)),
        "misbundled": len(confirmed ^ _bundled(world)) if confirmed else 0,
        "odd answers": len(ledger.odd),
        "odd": ledger.odd[:3],
        "names in logs": world.log().count("signer-") + world.log().count("Ann Other"),
        "operator not told": _untold(world, told),
    }


def _finder(
    world: World, rows: list[Any], states: dict[bytes, list[str]]
) -> Callable[[str], list[str]]:
    key = KeyRing(world.data / "keys", VAULT_KEY).lookup_key(rows[0][3])

    def stored(address: str) -> list[str]:
        return states.get(keyed_hash(key, str(rows[0][4]), canonical_address(address)), [])

    return stored


def _untold(world: World, told: str) -> int:
    if told.startswith("?") and not world.visitors.ledger.refusals:
        return 0
    said = "\n".join([*world.reasons, world.log()])
    return int(not re.search(told.removeprefix("?"), said))


def _miscounted(world: World, confirmed: int) -> int:
    """After at most five seconds the number shown is the number there is."""
    until = time.monotonic() + 5
    while True:
        _, text = world.visitors.ask("GET", f"/api/v1/petitions/{PETITION}")
        differing = abs(int(json.loads(text)["numbers"]["confirmed"]) - confirmed)
        if not differing or time.monotonic() > until:
            return differing
        time.sleep(0.2)


def _bundled(world: World) -> set[int]:
    """Ids of the signatures in a bundle that is built now, and is whole."""
    folder = world.directory / "bundles"
    world.command("bundles", "build", PETITION, "--official", world.official(),
                  "--out", str(folder))  # fmt: skip
    [file] = folder.glob("*.zip")
    world.command("bundles", "verify", str(file))
    return {row[0] for row in world.rows(_NEWEST_BUNDLE)}
