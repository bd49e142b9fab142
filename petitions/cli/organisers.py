"""`petitions organisers`: accounts of those who publish, review and deliver."""

import click

from petitions.cli.house import House, inside, pass_house, site_of
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
    from petitions.domain.organisers import add_organiser, first_password
    from petitions.extensions import begin_write, db
    from petitions.models import Role

    with inside(house):
        password = first_password()  # hashing takes a while, and signers wait for whoever writes
        begin_write()
        add_organiser(email, name, {Role(role) for role in roles}, password, now())
        db.session.commit()
    result(password.plain)
    note("This password is shown once. Pass it on by a safe way: it opens nothing but the page")
    note("that asks for another one.")
    if not name.strip():
        note("No --name was given: the console asks for it on its first page.")


@organisers.command()
@click.argument("email")
@pass_house
def reset(house: House, email: str) -> None:
    """Let an organiser in again when all is lost: print a new password, once.

    The old password, the second step (codes of an app) with its recovery codes, and all sign-ins
    end. A mail tells the organiser, and the record of what was done has it.
    """
    from flask import current_app

    from petitions.clock import now
    from petitions.domain.organiser_changes import reset_password
    from petitions.domain.organisers import first_password, organiser_at
    from petitions.extensions import begin_write, db

    with inside(house):
        password = first_password()
        begin_write()
        reset_password(site_of(current_app), email, password, now())
        db.session.commit()
        blocked = not organiser_at(email).active
    result(password.plain)
    note("This password is shown once. Pass it on by a safe way: it opens nothing but the page")
    note("that asks for another one.")
    if blocked:
        note("The account is blocked all the same: an admin lets it in again in the console.")


@organisers.command("list")
@pass_house
def list_organisers(house: House) -> None:
    """List organisers with their roles, whether they may sign in, and when they last did."""
    from petitions.domain.organisers import all_organisers, standing_of

    with inside(house):
        rows = [
            (
                organiser.id,
                organiser.email,
                organiser.name,
                ",".join(sorted(roles)),
                standing_of(organiser),
                "on" if organiser.tf_primary_method else "off",
                f"{organiser.last_seen_at:%Y-%m-%d}" if organiser.last_seen_at else "never",
            )
            for organiser, roles in all_organisers()
        ]
    table(("id", "address", "name", "roles", "state", "second step", "last seen"), rows)
