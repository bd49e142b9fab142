"""Links under which officials fetch what a mail hands over."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "official_mail",
        sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "handover_link",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("first_fetched_at", moment, nullable=True),
        sa.Column("last_fetched_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["official_mail.id"], name=op.f("fk_handover_link_mail_id_official_mail")
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_handover_link")),
    )
    op.create_index("ix_handover_link_open", "handover_link", ["ended_at", "ends_at"])


def downgrade() -> None:
    op.drop_table("handover_link")
    op.drop_column("official_mail", "by_link")
