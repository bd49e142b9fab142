"""`petitions organisers`: accounts of those who publish, review and deliver."""

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import note, result, table

ROLES = ("admin", "campaigner", "translator", "reviewer", "deliverer")
"""As `models.Role` has them: written here too, so that --help loads no model. A test holds both."""


@click.group()
def organisers() -> None:
    """Add and list organisers, and give them new passwords."""


@organisers.command()
@click.argument("email")
@click.option("--name", default="", help="Name, as other organisers see it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(ROLES),
    help="What they may do; may be given several times.  [default: campaigner]",
)
@pass_house
def add(house: House, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Add an organiser and print their first password, once.

    The first organiser of a site is always an admin.
    """
    from petitions.clock import now
    from petitions.domain.organisers import add_organiser
    from petitions.extensions import begin_write, db
    from petitions.models import Role

    with inside(house):
        begin_write()
        password = add_organiser(email, name, {Role(role) for role in roles}, now())
        db.session.commit()
    result(password)
    note("This password is shown once. Pass it on by a safe way, and have it changed.")


@organisers.command()
@click.argument("email")
@pass_house
def reset(house: House, email: str) -> None:
    """Print a new password for an organiser, once. The old one and all their sign-ins end."""
    from petitions.clock import now
    from petitions.domain.organisers import reset_password
    from petitions.extensions import begin_write, db

    with inside(house):
        begin_write()
        password = reset_password(email, now())
        db.session.commit()
    result(password)
    note("This password is shown once. Pass it on by a safe way, and have it changed.")


@organisers.command("list")
@pass_house
def list_organisers(house: House) -> None:
    """List organisers with their roles, and whether they may sign in."""
    from petitions.domain.organisers import all_organisers

    with inside(house):
        rows = [
            (
                organiser.id,
                organiser.email,
                organiser.name,
                ",".join(sorted(roles)),
                "active" if organiser.active else "blocked",
            )
            for organiser, roles in all_organisers()
        ]
    table(("id", "address", "name", "roles", "state"), rows)
