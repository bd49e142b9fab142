"""`petitions migrate`: brings the database up to date, or back, and makes the keys of set-up."""

from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, pass_house, site_of
from petitions.cli.saying import note, result, table

if TYPE_CHECKING:
    from flask import Flask


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--back-to", metavar="NUMBER", help="Go back to an earlier migration, as 0024.")
@click.option("--lose", is_flag=True, help="Go back even where that loses what was entered.")
@pass_house
def migrate(house: House, *, dry_run: bool, back_to: str | None, lose: bool) -> None:
    """Set up the database, or bring it up to date, and say each step.

    Creates the data directory and the key that signs bundles where they are missing. Run it once
    before the first start and after each update; pages may be served meanwhile: the version before
    goes on working. Repeating it changes nothing.

    With --back-to the steps are undone, for the version that knows no newer ones. It is refused
    where rows or values would be lost that the older version has no place for, and says which.
    """
    from petitions.cli.schema import bring_up_to_date, schema_of
    from petitions.domain.signing_keys import ensure_signing_key

    app = house.application()
    if back_to is not None:
        _go_back(app, back_to, dry_run=dry_run, lose=lose)
        return
    _say_steps(app)
    if dry_run:
        note("Nothing was changed.")
        return
    before = bring_up_to_date(app)
    if ensure_signing_key(site_of(app).keyring):
        note("made the key that signs bundles")
    after = schema_of(app)
    if before.is_ready:
        result(f"up to date: migration {after.newest}")
    else:
        result(f"migrated: {before.current or 'empty'} → {after.current}")


def _say_steps(app: "Flask") -> None:
    from petitions.cli.schema import schema_of, steps_of

    schema = schema_of(app)
    for step in steps_of(app):
        if schema.current is None or step.number > schema.current:
            note(f"{step.number} {step.what}")


def _go_back(app: "Flask", number: str, *, dry_run: bool, lose: bool) -> None:
    from petitions.cli.going_back import go_back, losses
    from petitions.cli.schema import schema_of, steps_of
    from petitions.errors import ConfigurationError

    schema = schema_of(app)
    steps = steps_of(app)
    if number not in {step.number for step in steps} or number > (schema.current or ""):
        raise ConfigurationError(
            f"--back-to {number}: the database is at {schema.current or 'none'}; name one before"
        )
    for step in reversed(steps):
        if number < step.number <= (schema.current or ""):
            note(f"undo {step.number} {step.what}")
    lost = losses(app, number)
    if lost and dry_run:
        table(("would be lost", "rows"), [(one.what, one.rows) for one in lost])
    elif lost and not lose:
        words = ", ".join(f"{one.what} ({one.rows})" for one in lost)
        raise ConfigurationError(
            f"going back to {number} would lose {words}: restore the backup of before, "
            "or say --lose"
        )
    if dry_run:
        note("Nothing was changed.")
        return
    go_back(app, number)
    result(f"went back: {schema.current} → {number}")
