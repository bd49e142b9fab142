"""`petitions audit`: what was done by whom, and whether the trail was changed since."""

from typing import TYPE_CHECKING, Any

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import note, result, table

if TYPE_CHECKING:
    from petitions.domain.audit import Check
    from petitions.models import AuditEntry


@click.group()
def audit() -> None:
    """Show what organisers and commands did, and check that nobody changed the record of it."""


@audit.command("list")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a line, with all that the chain is computed from.",
)
@pass_house
def list_entries(house: House, as_json: bool) -> None:
    """List what was done, oldest first: when, by whom, what, to what. No signer is named.

    Reasons that organisers wrote stay sealed: they are read in the console.
    """
    from petitions.domain.audit import entries, stream

    with inside(house):
        if as_json:
            for entry in stream():
                result(_json(entry))
            return
        rows = [
            (
                entry.id,
                f"{entry.at:%Y-%m-%d %H:%M:%S} UTC",
                entry.actor,
                entry.action,
                entry.subject,
                entry.detail,
            )
            for entry in entries()
        ]
    table(("entry", "at", "by", "action", "subject", "detail"), rows)


@audit.command()
@click.option(
    "--expect",
    default="",
    metavar="HASH",
    help="A hash that was printed earlier and must still be there: shows newest entries cut off.",
)
@pass_house
def verify(house: House, expect: str) -> None:
    """Check the chain of the record: each entry holds the hash of the one before it.

    Exit status 0 where it is whole, 2 where an entry was changed, taken out or put in, and where
    HASH is no whole hash. Whoever takes away the newest entries leaves a chain that fits: note the
    last hash that is printed somewhere else, and give it as --expect the next time.
    """
    from petitions.domain.audit import check

    _refuse_malformed(expect)
    with inside(house):
        found = check(expect)
    _refuse_broken(found)
    result(f"the record is whole: {found.entries} entries")
    if found.since is not None:
        result(f"since {found.since:%Y-%m-%d %H:%M:%S} UTC, first hash {found.first_hash}")
        result(f"until {found.until:%Y-%m-%d %H:%M:%S} UTC, last hash {found.last_hash}")
        note("Note the last hash where nobody who runs this machine can change it.")


def _refuse_malformed(expect: str) -> None:
    """Whoever copied a hash in part is told so, not that the record was cut off."""
    from petitions.domain.audit import is_hash

    typed = "".join(expect.split())
    if typed and not is_hash(typed):
        raise click.UsageError(
            "a hash has 64 signs, each a digit or a letter from a to f; "
            f"what --expect got has {len(typed)}: {typed[:80]}"
        )


def _refuse_broken(found: "Check") -> None:
    from petitions.errors import AuditBroken

    if found.broken is not None:
        raise AuditBroken(
            f"the record was changed: entry {found.broken} does not fit the one before it; "
            "compare it with a backup"
        )
    if not found.expected_found:
        raise AuditBroken(
            f"the record was cut off: the hash that was noted is not among its {found.entries} "
            "entries any more; compare it with a backup"
        )


def _json(entry: "AuditEntry") -> str:
    import json

    shown: dict[str, Any] = {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": json.loads(entry.detail),
        "salt": entry.salt.hex(),
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
    return json.dumps(shown, ensure_ascii=False)
