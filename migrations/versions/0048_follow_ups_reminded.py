"""When somebody was reminded of a follow-up."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("follow_up_reminded_at", moment, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("follow_up_reminded_at")
