"""Who delivers, whom to ask for, the office's number, when a reply is due; a mail that reminds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_KINDS = (
    "signing",
    "reminder",
    "my signature",
    "news",
    "password reset",
    "invitation",
    "security notice",
)


def _kind_in(kinds: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("delegation", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("contact", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("deliverer_id", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("incoming_number", sa.String(300), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("reply_due_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("reply_reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key(
            op.f("fk_delivery_deliverer_id_organiser"), "organiser", ["deliverer_id"], ["id"]
        )
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in((*_KINDS, "reply due")))


def downgrade() -> None:
    op.execute("DELETE FROM mail WHERE kind = 'reply due'")
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in(_KINDS))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("fk_delivery_deliverer_id_organiser"), "foreignkey")
        for name in (
            "reply_reminded_at",
            "reply_due_on",
            "incoming_number",
            "deliverer_id",
            "contact",
            "delegation",
        ):
            batch.drop_column(name)
