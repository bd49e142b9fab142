"""Since when a person is detained or missing: a day, a month or a year, as it is known."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("status_since", sa.String(10), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "status_since")
