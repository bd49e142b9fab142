"""Where mails come back to."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_path",
        sa.Column("id_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail.id"], name=op.f("fk_return_path_mail_id_mail"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_return_path")),
    )
    op.create_index(op.f("ix_return_path_mail_id"), "return_path", ["mail_id"])
    op.create_index(op.f("ix_return_path_created_at"), "return_path", ["created_at"])
    op.add_column(
        "signature",
        sa.Column("shares_mailbox", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("signature", "shares_mailbox")
    op.drop_table("return_path")
