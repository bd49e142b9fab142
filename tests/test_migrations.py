"""Migrations against models, on both databases, empty and filled."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from flask_sqlalchemy import SQLAlchemy

from petitions import create_app
from petitions.extensions import db
from tests.settings import settings_for

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@pytest.fixture
def bare(tmp_path: Path, unmigrated_database_url: str) -> Flask:
    return create_app(settings_for(tmp_path / "data", unmigrated_database_url))


def differences(app: Flask) -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, db.metadata))


def test_migrated_schema_is_what_the_models_say(bare: Flask) -> None:
    with bare.app_context():
        upgrade()
        assert differences(bare) == []
        db.engine.dispose()


def test_migrated_schema_has_every_check_of_the_models(bare: Flask) -> None:
    with bare.app_context():
        upgrade()
        inspector = sa.inspect(db.engine)
        for table in db.metadata.sorted_tables:
            wanted = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            there = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
            assert wanted == there, f"{table.name}: write a migration for its check constraints"
        db.engine.dispose()


def test_each_migration_goes_up_and_down_by_itself(bare: Flask) -> None:
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][
        ::-1
    ]
    with bare.app_context():
        for revision in revisions:
            upgrade(revision=revision)
        for revision in ["base", *revisions][-2::-1]:
            downgrade(revision=revision)
        left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert left == set()
        db.engine.dispose()


def test_numbers_and_names_are_in_order() -> None:
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    assert all(len(name) > len("0001_") for name in names)


def test_foreign_keys_are_enforced(database: SQLAlchemy) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        database.session.execute(
            sa.text("INSERT INTO addressed_state (case_id, country) VALUES (4711, 'UZ')")
        )


def test_batch_migration_on_a_filled_database_keeps_the_children(
    app: Flask, database: SQLAlchemy, now: datetime
) -> None:
    """The trap of SQLite: recreating a parent table deletes its children unless keys are off."""
    from alembic.operations import Operations

    from petitions.models import AddressedState, Case

    case = Case(slug="a", source_language="en", created_at=now)
    database.session.add(case)
    database.session.flush()
    database.session.add(AddressedState(case_id=case.id, country="UZ"))
    database.session.commit()
    database.session.remove()
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys = OFF")
        context = MigrationContext.configure(connection)
        with connection.begin(), Operations(context).batch_alter_table("case") as batch:
            batch.alter_column("slug", type_=sa.String(90))
        connection.rollback()
    with database.engine.connect() as connection:
        children = connection.execute(sa.text("SELECT count(*) FROM addressed_state")).scalar_one()
    assert children == 1
