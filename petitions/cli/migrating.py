"""`petitions migrate`: brings the database up to date and makes the keys of set-up."""

import click

from petitions.cli.house import House, pass_house, site_of
from petitions.cli.saying import note, result


@click.command()
@pass_house
def migrate(house: House) -> None:
    """Set up the database, or bring it up to date.

    Creates the data directory and the key that signs bundles where they are missing. Run it once
    before the first start and after each update; pages may be served meanwhile. Repeating it
    changes nothing.
    """
    from petitions.cli.schema import bring_up_to_date, schema_of
    from petitions.domain.signing_keys import ensure_signing_key

    app = house.application()
    before = bring_up_to_date(app)
    if ensure_signing_key(site_of(app).keyring):
        note("made the key that signs bundles")
    after = schema_of(app)
    if before.is_ready:
        result(f"up to date: migration {after.newest}")
    else:
        result(f"migrated: {before.current or 'empty'} → {after.current}")
