"""`petitions retention`: says what is over, and deletes it where it is not a rehearsal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions import clock
from petitions.domain import petitions, signing
from petitions.domain.site import Site
from petitions.models import CaseKey, NamesTerm, PetitionState, Signature
from tests.cli.conftest import Command
from tests.domain.cast import form, publish

LONG_AGO = timedelta(days=100)


@pytest.fixture
def over(database: SQLAlchemy, site: Site) -> None:
    """Two confirmed signatures whose time is over, and one that nobody confirmed."""
    then = clock.now() - LONG_AGO
    cast = publish(site, then)
    for number, name in enumerate(("Ada", "Berta", "Clara"), start=1):
        signing.sign(site, cast.petition, form(f"{name}@example.org", name=name), then)
        if name != "Clara":
            signing.confirm(cast.petition, number, then)
    petitions.move(cast.petition, PetitionState.CLOSED, then, actor="command")
    database.session.add(NamesTerm(petition_id=cast.petition.id, said_at=then))
    database.session.commit()


@pytest.mark.usefixtures("over")
def test_a_dry_run_says_what_is_due_and_deletes_nothing(
    command: Command, database: SQLAlchemy
) -> None:
    said = command("retention", "--dry-run")
    assert (said.status, said.err) == (0, "Nothing was deleted.\n")
    assert said.out.splitlines() == [
        "what\tof\tnumber",
        "signatures not confirmed in time\tpetition 1\t1",
        "names after their term\tpetition 1\t2",
        "keys of a case\tcase 1\t1",
    ]
    told = json.loads(command("retention", "--dry-run", "--json").out)
    assert [one["what"] for one in told["due"]] == ["unconfirmed", "names", "keys"]
    rows = database.session.execute(select(Signature)).scalars().all()
    assert [row.holds_person for row in rows] == [True] * 3


@pytest.mark.usefixtures("over")
def test_what_is_due_is_deleted_at_once_and_the_key_with_it(
    command: Command, database: SQLAlchemy, site: Site
) -> None:
    assert command("retention").err == "Deleted.\n"
    rows = database.session.execute(select(Signature)).scalars().all()
    assert [row.holds_person for row in rows] == [False] * 2
    key = database.session.execute(select(CaseKey)).scalar_one()
    assert key.destroyed_at is not None
    assert not site.keyring.has_case(key.ref)
    assert json.loads(command("retention", "--json").out)["due"] == []
    assert "the record is whole" in command("audit", "verify").out
