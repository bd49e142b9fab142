"""Translations note what they were made from, so that outdated ones are told."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLES = ("case_text", "case_draft", "update_text", "petition_text", "ask_text")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("made_from", sa.JSON(), nullable=True))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "made_from")
