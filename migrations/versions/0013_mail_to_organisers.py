"""Mail to organisers: invitations, password resets, notices. And the time of setting aside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = ("signing", "my signature", "news")
_NEW = ("password reset", "invitation", "security notice")


def _kind_in(kinds: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in((*_KINDS, *_NEW)))
        batch.add_column(sa.Column("organiser_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_mail_organiser_id_organiser"),
            "organiser",
            ["organiser_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_index(op.f("ix_mail_organiser_id"), ["organiser_id"])
    op.add_column("signature", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE signature SET set_aside_at = created_at WHERE state = 'set aside'")
    op.create_index("ix_signature_state", "signature", ["petition_id", "state", "id"])


def downgrade() -> None:
    op.drop_index("ix_signature_state", table_name="signature")
    op.drop_column("signature", "set_aside_at")
    op.execute("DELETE FROM mail WHERE kind IN ('password reset', 'invitation', 'security notice')")
    with op.batch_alter_table("mail") as batch:
        batch.drop_index(op.f("ix_mail_organiser_id"))
        batch.drop_constraint(op.f("fk_mail_organiser_id_organiser"), "foreignkey")
        batch.drop_column("organiser_id")
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in(_KINDS))
