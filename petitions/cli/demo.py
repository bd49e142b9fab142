"""`petitions demo`: the whole thing on one machine, with two cases of the past."""

from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, pass_house, settings_of, site_of
from petitions.cli.saying import note, result

if TYPE_CHECKING:
    from flask import Flask

HOST = "127.0.0.1"


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: $PORT or 8000]"
)
@pass_house
def demo(house: House, port: int | None) -> None:
    """Start a demonstration: two cases of the past, the pages, and a mailbox to read.

    Everything is kept in PETITIONS_DATA_DIR (instance/ unless set); delete that directory to begin
    anew. A demonstration has secrets of its own, says on each page that it is one, and never mails
    an official. It refuses a directory or a database that holds a real site. Ctrl-C stops it.
    """
    from petitions.cli.serving import listen, refuse_taken
    from petitions.cli.supervising import Supervision

    app = house.demonstration(_refuse_real_site, port)
    settings = settings_of(app)
    refuse_taken(HOST, settings.port)
    _fill(app)
    sign_in = _sign_in_of(app)
    supervision = Supervision(HOST, settings.port, lambda: _announce(settings.base_url, sign_in))
    try:
        listen(HOST, settings.port, beside=supervision.start)
    finally:
        supervision.stop()


def _fill(app: "Flask") -> None:
    from petitions.cli.schema import bring_up_to_date
    from petitions.domain.signing_keys import ensure_signing_key

    if not bring_up_to_date(app).is_ready:
        note("The database is set up.")
    ensure_signing_key(site_of(app).keyring)
    with app.app_context():
        _load(app)


def _load(app: "Flask") -> None:
    from petitions.clock import now
    from petitions.domain.demonstration import load_demonstration
    from petitions.domain.demonstration.organiser import add_demonstration_organiser
    from petitions.extensions import begin_write, db
    from petitions.models import Organisation

    is_new = db.session.get(Organisation, 1) is None
    db.session.rollback()
    begin_write()
    if is_new:
        load_demonstration(now(), site_of(app).keyring)
    add_demonstration_organiser(app.config["DEMONSTRATION_PASSWORD"], now())
    db.session.commit()
    if is_new:
        note("The two cases of the demonstration are loaded.")


def _sign_in_of(app: "Flask") -> str:
    """Return how an organiser signs in, in one line."""
    from petitions.domain.demonstration.organiser import ADDRESS, still_opens

    password = app.config["DEMONSTRATION_PASSWORD"]
    with app.app_context():
        opens = still_opens(password)
    return f"{ADDRESS} / {password}" if opens else f"{ADDRESS} / the password you chose"


def _refuse_real_site(app: "Flask") -> None:
    """Raise ConfigurationError where the database belongs to a real site."""
    from sqlalchemy import inspect, text

    from petitions.errors import ConfigurationError
    from petitions.extensions import db

    with app.app_context(), db.engine.connect() as connection:
        if not inspect(connection).has_table("organisation"):
            return
        found = connection.execute(text("SELECT demonstration FROM organisation")).scalar()
        accounts = connection.execute(text("SELECT count(*) FROM organiser")).scalar()
    if found is False or found == 0 or (found is None and accounts):
        raise ConfigurationError(
            "the database holds a real site, not a demonstration: set PETITIONS_DATABASE_URL or "
            "PETITIONS_DATA_DIR to another one"
        )


def _announce(address: str, sign_in: str) -> None:
    result(
        f"Petitions is running on {address} (a demonstration; Ctrl-C stops it)\n"
        f"What it mails can be read on {address}/mailbox\n"
        f"Organisers sign in on {address}/organiser/ as {sign_in}"
    )
