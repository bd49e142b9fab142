"""`petitions audit`: what was done by whom, and whether the trail was changed since."""

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import result, table


@click.group()
def audit() -> None:
    """Show what organisers and commands did, and check that nobody changed the record of it."""


@audit.command("list")
@pass_house
def list_entries(house: House) -> None:
    """List what was done, oldest first: when, by whom, what, to what. No person is named."""
    from petitions.domain.audit import entries

    with inside(house):
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
@pass_house
def verify(house: House) -> None:
    """Check the chain of the record: each entry holds the hash of the one before it.

    Exit status 0 where it is whole, 2 where an entry was changed, taken out or put in.
    """
    from petitions.domain.audit import entries, first_broken
    from petitions.errors import AuditBroken

    with inside(house):
        broken = first_broken()
        if broken is not None:
            raise AuditBroken(
                f"the record was changed: entry {broken} does not fit the one before it; "
                "compare it with a backup"
            )
        result(f"the record is whole: {len(entries())} entries")
