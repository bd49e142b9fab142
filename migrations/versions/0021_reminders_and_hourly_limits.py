"""Reminders, and why a mail waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KINDS = ("signing", "my signature", "news", "password reset", "invitation", "security notice")


def _kind_in(kinds: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in((*_KINDS, "reminder")))
        batch.add_column(sa.Column("held", sa.String(length=24), nullable=True))
        batch.add_column(
            sa.Column("budgeted", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.add_column(
            sa.Column("paced", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    op.execute("DELETE FROM mail WHERE kind = 'reminder'")
    with op.batch_alter_table("mail") as batch:
        batch.drop_column("paced")
        batch.drop_column("budgeted")
        batch.drop_column("held")
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in(_KINDS))
