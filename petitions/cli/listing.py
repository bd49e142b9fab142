"""`petitions list` and `petitions officials`: what other commands take as PETITION and ID."""

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import table


@click.command("list")
@pass_house
def list_petitions(house: House) -> None:
    """List all petitions: number, slug, state, and how many confirmed signatures."""
    from sqlalchemy import select

    from petitions.domain.counting import confirmed_numbers
    from petitions.extensions import db
    from petitions.models import Petition

    with inside(house):
        numbers = confirmed_numbers()
        found = db.session.execute(select(Petition).order_by(Petition.id)).scalars()
        rows = [(p.id, p.slug, p.state, numbers.get(p.id, 0)) for p in found]
    table(("id", "petition", "state", "confirmed"), rows)


@click.command()
@click.argument("petition")
@pass_house
def officials(house: House, petition: str) -> None:
    """List the officials that PETITION is addressed to.

    PETITION is a slug or number, as `petitions list` shows them. The first two columns are what
    `petitions bundles build --official` takes. Embassies stand in place of the rule that brings
    them, with the countries whose signers they stand for.
    """
    from petitions.domain.bundles import recipients_of
    from petitions.domain.petitions import petition_named

    with inside(house):
        rows = [
            (
                recipient.official.id,
                recipient.official.slug,
                recipient.addressee.part,
                "names go" if recipient.names_go else "numbers only",
                ",".join(recipient.countries) or "all",
            )
            for recipient in recipients_of(petition_named(petition))
        ]
    table(("id", "official", "part", "gets", "signers of"), rows)
