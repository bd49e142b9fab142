"""`petitions retention`: delete what is over now, or say what that is."""

from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import note, result, table

if TYPE_CHECKING:
    from datetime import datetime

    from petitions.domain.site import Site

_WORDS = {
    "unconfirmed": "signatures not confirmed in time",
    "names": "names after their term",
    "keys": "keys of a case",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@pass_house
def retention(house: House, *, dry_run: bool, as_json: bool) -> None:
    """Delete what is over: signatures that were never confirmed, names after their term, and the
    keys of cases whose petitions are all over.

    The worker does this once an hour by itself. What is due is printed, then deleted in short
    transactions; nobody who signs waits for it. Destroyed keys cannot be brought back, and no
    backup of the database opens without them: mind copies of the folder "keys" of the data
    directory. The terms are PETITIONS_KEEP_UNCONFIRMED_DAYS and PETITIONS_KEEP_NAMES_DAYS.
    """
    import json
    from dataclasses import asdict

    from flask import current_app

    from petitions.clock import now
    from petitions.domain.retention import due
    from petitions.extensions import db

    with inside(house):
        site, moment = site_of(current_app), now()
        found = due(site, moment)
        db.session.rollback()
        if as_json:
            result(json.dumps({"at": moment.isoformat(), "due": [asdict(one) for one in found]}))
        else:
            rows = [(_WORDS[one.what], one.subject, one.number) for one in found]
            table(("what", "of", "number"), rows)
        if dry_run:
            note("Nothing was deleted.")
            return
        _delete(site, moment)
    note("Deleted.")


def _delete(site: "Site", moment: "datetime") -> None:
    from petitions.domain.destroying import clear_key_ring
    from petitions.domain.outgoing import clear_strays
    from petitions.domain.retention import delete_part, forget_written_pages
    from petitions.extensions import begin_write, db

    more = True
    while more:
        begin_write()
        more = delete_part(site, moment, actor="command").more
        db.session.commit()
    clear_key_ring(site)
    clear_strays(site)
    db.session.rollback()
    forget_written_pages()
