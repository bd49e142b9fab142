"""`petitions sample-signatures`: invented signatures, to see what many of them look like."""

import click

from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import progress, result


@click.command("sample-signatures")
@click.argument("petition")
@click.argument("number", type=click.IntRange(1, 5_000_000))
@pass_house
def sample_signatures(house: House, petition: str, number: int) -> None:
    """Add NUMBER invented, confirmed signatures in many scripts to PETITION.

    PETITION is a slug or number, as `petitions list` shows them. Works in a demonstration only.
    """
    from flask import current_app

    from petitions.clock import now
    from petitions.domain.petitions import petition_named
    from petitions.domain.samples import add_samples
    from petitions.extensions import begin_write, db

    with inside(house), progress("Signing", number) as done:
        keyring = site_of(current_app).keyring
        begin_write()
        found = petition_named(petition)
        added = add_samples(found, number, keyring, now(), lambda so_far, _all: done(so_far))
        slug = found.slug
        db.session.commit()
    result(f"added {added} sample signatures to {slug}")
