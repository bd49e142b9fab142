"""Custodians of sealed cases: whose passphrase unlocks, and the recovery key."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_RECOVERY = sa.text("kind = 'recovery' AND removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "custodian",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("parameters", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("voucher", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('passphrase', 'recovery')", name=op.f("ck_custodian_kind_is_known")
        ),
        sa.CheckConstraint(
            "(kind = 'recovery') = (salt IS NULL)", name=op.f("ck_custodian_passphrase_has_salt")
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (wrapped_key IS NOT NULL)",
            name=op.f("ck_custodian_removed_has_no_key"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_key.case_id"], name=op.f("fk_custodian_case_id_case_key")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name=op.f("fk_custodian_organiser_id_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodian")),
    )
    op.create_index(op.f("ix_custodian_case_id"), "custodian", ["case_id"])
    op.create_index(
        "uq_custodian_recovery",
        "custodian",
        ["case_id"],
        unique=True,
        sqlite_where=_RECOVERY,
        postgresql_where=_RECOVERY,
    )


def downgrade() -> None:
    held = "SELECT count(*) FROM custodian WHERE wrapped_key IS NOT NULL"
    if op.get_bind().execute(sa.text(held)).scalar():
        raise RuntimeError("cases are sealed: their keys are in this table. Unseal them first")
    op.drop_table("custodian")
