"""Loads the demonstration into an empty database: organisation, officials, cases, petitions.

It adds rows and never commits; the facts and the words are in the TOML files.
"""

from datetime import datetime

from petitions.domain.case_keys import make_case_keys
from petitions.domain.demonstration.cases import add_case
from petitions.domain.demonstration.officials import add_official
from petitions.domain.demonstration.petition_rows import add_petition
from petitions.domain.demonstration.telling import Told, read_told
from petitions.extensions import db
from petitions.models import ContactOffice, Organisation
from petitions.vault import KeyRing

CASES = ("kasymakhunov", "khamidkariev")


def load_demonstration(now: datetime, keyring: KeyRing) -> None:
    """Add the demonstration, with the keys of its cases; do nothing where there is an organisation.

    No mail is queued here, and none goes to an official: that is a rule of `demonstration` itself.
    """
    if db.session.get(Organisation, 1) is not None:
        return
    _add_organisation(read_told("organisation"))
    for embassy in read_told("embassies")["embassies"]:
        add_official(embassy)
    for name in CASES:
        told = read_told(name)
        for official in told.get("officials", ()):
            add_official(official)
        case_id = add_case(told["case"], now)
        make_case_keys(case_id, keyring, now)
        add_petition(told["petition"], case_id, now)


def _add_organisation(told: Told) -> None:
    facts = dict(told["organisation"])
    lines = facts.pop("postal_lines")
    db.session.add(Organisation(id=1, demonstration=True, postal_address="\n".join(lines), **facts))
    for office in told["contact_offices"]:
        db.session.add(ContactOffice(**office))
    db.session.flush()
