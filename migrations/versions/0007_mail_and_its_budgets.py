"""Mail and its budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("allow", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('network', 'domain', 'address')", name=op.f("ck_block_kind_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_block_kind_value")),
    )
    op.create_table(
        "day_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_key")),
        sa.UniqueConstraint("day", name=op.f("uq_day_key_day")),
    )
    op.create_table(
        "suppression",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_suppression")),
    )
    op.create_table(
        "mail_budget",
        sa.Column("day_key_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["day_key_id"],
            ["day_key.id"],
            name=op.f("fk_mail_budget_day_key_id_day_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("day_key_id", "key", name=op.f("pk_mail_budget")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "signing",
                "my signature",
                "news",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                "withheld",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("petition_id", sa.Integer(), nullable=True),
        sa.Column(
            "signature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (address_sealed IS NOT NULL)",
            name=op.f("ck_mail_address_only_while_waiting"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (final_at IS NULL)", name=op.f("ck_mail_final_at_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_mail_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_mail_signature_id_signature"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    op.create_index(op.f("ix_mail_petition_id"), "mail", ["petition_id"], unique=False)
    op.create_index(op.f("ix_mail_signature_id"), "mail", ["signature_id"], unique=False)
    op.create_index(
        "ix_mail_waiting",
        "mail",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_mail_waiting",
        table_name="mail",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_mail_signature_id"), table_name="mail")
    op.drop_index(op.f("ix_mail_petition_id"), table_name="mail")
    op.drop_table("mail")
    op.drop_table("mail_budget")
    op.drop_table("suppression")
    op.drop_table("day_key")
    op.drop_table("block")
