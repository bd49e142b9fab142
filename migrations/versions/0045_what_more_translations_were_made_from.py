"""Translations of consents, notices and pictures note what they were made from."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_TABLES = ("consent_text", "country_notice_text", "picture_text")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("made_from", sa.JSON(), nullable=True))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "made_from")
