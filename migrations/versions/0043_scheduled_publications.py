"""Publications at a set time, and a mail when one of them was stopped."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
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
    "reply due",
)


def _kind_in(kinds: Sequence[str]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "scheduled_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=True),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("seen", sa.String(40), nullable=False),
        sa.Column("move_deadline", sa.Boolean(), nullable=False),
        sa.Column("scheduled_by", sa.Integer(), nullable=False),
        sa.Column("scheduled_at", moment, nullable=False),
        sa.Column("stopped_at", moment, nullable=True),
        sa.Column("stopped_why", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "(petition_id IS NULL) <> (update_id IS NULL)",
            name=op.f("ck_scheduled_publication_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_scheduled_publication_petition_id_petition"),
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["case_update.id"],
            name=op.f("fk_scheduled_publication_update_id_case_update"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scheduled_by"],
            ["organiser.id"],
            name=op.f("fk_scheduled_publication_scheduled_by_organiser"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_publication")),
        sa.UniqueConstraint("petition_id", name=op.f("uq_scheduled_publication_petition_id")),
        sa.UniqueConstraint("update_id", name=op.f("uq_scheduled_publication_update_id")),
    )
    op.create_index(op.f("ix_scheduled_publication_at"), "scheduled_publication", ["at"])
    op.create_index(
        op.f("ix_scheduled_publication_scheduled_by"), "scheduled_publication", ["scheduled_by"]
    )
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in((*_KINDS, "schedule stopped")))


def downgrade() -> None:
    op.execute("DELETE FROM mail WHERE kind = 'schedule stopped'")
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("ck_mail_kind"), "check")
        batch.create_check_constraint(op.f("ck_mail_kind"), _kind_in(_KINDS))
    op.drop_table("scheduled_publication")
