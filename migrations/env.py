"""How Alembic runs here, on both databases.

On SQLite foreign keys are off while a migration runs: a batch migration that recreates a parent
table would otherwise delete its children. Each migration ends with a check of all foreign keys.
"""

import sqlalchemy as sa
from alembic import context
from flask import current_app

target = current_app.extensions["migrate"].db
engine = target.engine


def check_foreign_keys(connection: sa.Connection) -> None:
    """Raise where a row points to a parent that is not there (SQLite only)."""
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        tables = sorted({row[0] for row in orphans})
        raise RuntimeError(f"the migration would leave orphans in {', '.join(tables)}")


def run() -> None:
    """Run the migrations in one transaction."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as plain:
        connection = plain.execution_options(petitions_write=True)
        if sqlite:
            # The pragma works outside of a transaction alone, and the pool's connection has none.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=target.metadata,
            transactional_ddl=True,  # on SQLite too: we emit BEGIN ourselves
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                check_foreign_keys(connection)
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


run()
