"""Databases that earlier versions wrote, brought to the newest migration, on both databases.

tests/upgrades holds what those versions wrote: each was checked out and run (the demonstration,
forty signatures, a bundle that was written), and its database copied row by row, with its key ring.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from petitions import create_app
from petitions.cli.going_back import losses
from petitions.cli.schema import bring_up_to_date, schema_of, set_up_at, steps_of
from petitions.domain import audit
from petitions.domain.copying import Copy, check_bundle_files, check_restored, load, open_copy
from petitions.extensions import WRITE, db
from petitions.models import Petition, Signature, SignatureState
from tests.cli.conftest import Said, assert_refused
from tests.settings import settings_for

WRITTEN = sorted((Path(__file__).parent / "upgrades").glob("*.copy.gz"))
PETITION = "mirsobir-khamidkariev"


@dataclass(frozen=True)
class Old:
    """A database as an earlier version wrote it, and the application of today over it."""

    app: Flask
    copy: Copy


@pytest.fixture
def open_old(tmp_path: Path, unmigrated_database_url: str) -> Iterator[Callable[[Path], Old]]:
    made: list[Flask] = []

    def open_it(file: Path) -> Old:
        *lines, last = gzip.decompress(file.read_bytes()).decode().splitlines()
        kept = json.loads(last)
        plain = tmp_path / "copy"
        plain.write_text("\n".join([*lines, ""]), encoding="utf-8")
        copy = open_copy(plain)
        ring = tmp_path / "data" / "keys"
        ring.mkdir(parents=True)
        for name, content in kept["keys"].items():
            (ring / name).write_bytes(base64.b64decode(content))
        settings = settings_for(
            tmp_path / "data", unmigrated_database_url, PETITIONS_VAULT_KEY=kept["vault_key"]
        )
        app = create_app(settings)
        made.append(app)
        set_up_at(app, copy.header.migration)
        with app.app_context(), db.engine.connect() as plain_connection:
            connection = plain_connection.execution_options(**WRITE)
            driver: Any = connection.connection.driver_connection
            if connection.dialect.name == "sqlite":
                driver.execute("PRAGMA foreign_keys = OFF")
            load(connection, copy, lambda _: None)
            connection.commit()
            if connection.dialect.name == "sqlite":
                driver.execute("PRAGMA foreign_keys = ON")
        return Old(app, copy)

    yield open_it
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_there_is_a_database_of_each_version_that_changed_tables() -> None:
    assert len(WRITTEN) >= 11
    assert WRITTEN[0].name == "0009.copy.gz"


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name[:4])
def test_filled_database_of_an_earlier_version_is_whole_after_the_upgrade(
    open_old: Callable[[Path], Old], file: Path, tmp_path: Path
) -> None:
    old = open_old(file)
    before = bring_up_to_date(old.app)
    assert before.current == old.copy.header.migration
    assert schema_of(old.app).is_ready
    site = old.app.extensions["petitions"]
    with old.app.app_context():
        found = list(check_restored(site.keyring, old.copy))
        found.append(check_bundle_files(site, tmp_path))
        assert [one for one in found if one.wrong] == []
        assert found[-1].seen == "1 written again, the same to the byte"
        for table, summary in old.copy.summaries.items():
            if table in db.metadata.tables:
                query = sa.select(sa.func.count()).select_from(db.metadata.tables[table])
                assert db.session.execute(query).scalar_one() == summary.rows, table
        confirmed = sa.select(sa.func.count()).where(Signature.state == SignatureState.CONFIRMED)
        assert db.session.execute(confirmed).scalar_one() == 40
        assert audit.first_broken() is None
        slugs = db.session.execute(sa.select(Petition.slug)).scalars().all()
        db.session.rollback()
    client = old.app.test_client()
    for path in ("/", *(f"/petitions/{slug}" for slug in slugs), "/about", "/sitemap.xml"):
        assert client.get(path).status_code == 200, path
    assert client.get(f"/api/v1/petitions/{PETITION}").json["numbers"]["confirmed"] == 40


# The command.


@pytest.fixture
def migrate(open_old: Callable[[Path], Old], capsys: pytest.CaptureFixture[str]) -> Any:
    from petitions.cli import run
    from petitions.cli.house import House

    old = open_old(WRITTEN[-1])

    def command(*arguments: str) -> Said:
        capsys.readouterr()

        def none(*_: object) -> Any:
            raise AssertionError("no demonstration is asked for")

        status = run(House(lambda: old.app, none), ["migrate", *arguments])
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    command.app = old.app  # type: ignore[attr-defined]  # for the tests below
    return command


def test_migrate_says_each_step_and_a_dry_run_changes_nothing(migrate: Any) -> None:
    newest = steps_of(migrate.app)[-1].number
    dry = migrate("--dry-run")
    assert dry.status == 0
    assert dry.out == ""
    steps = [line[:4] for line in dry.err.splitlines()[:-1]]
    assert steps == [step.number for step in steps_of(migrate.app) if step.number > "0026"]
    assert dry.err.splitlines()[-1] == "Nothing was changed."
    assert schema_of(migrate.app).current == "0026"
    done = migrate()
    assert done.out == f"migrated: 0026 → {newest}\n"
    assert done.err.splitlines()[: len(steps)] == dry.err.splitlines()[:-1]


def test_going_back_is_allowed_where_nothing_is_lost(migrate: Any) -> None:
    migrate()
    went = migrate("--back-to", "0026")
    assert went.status == 0, went.err
    assert went.out.endswith("→ 0026\n")
    assert schema_of(migrate.app).current == "0026"
    assert migrate().status == 0


def test_going_back_is_refused_where_rows_have_no_place(migrate: Any) -> None:
    migrate()
    current = schema_of(migrate.app).current
    refused = migrate("--back-to", "0013")
    assert refused.status == 2
    last = refused.err.splitlines()[-1]
    assert "would lose" in last
    assert "bundle.letter (1)" in last
    assert schema_of(migrate.app).current == current
    dry = migrate("--back-to", "0013", "--dry-run")
    assert dry.status == 0
    assert "bundle.letter\t1" in dry.out
    assert losses(migrate.app, "0026") == []
    assert_refused(migrate("--back-to", "9999"), "name one before")


def test_what_is_lost_on_purpose_is_lost(migrate: Any) -> None:
    migrate()
    assert migrate("--back-to", "0013", "--lose").status == 0
    assert schema_of(migrate.app).current == "0013"
    assert migrate().status == 0
