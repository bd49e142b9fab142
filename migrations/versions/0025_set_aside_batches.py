"""Signatures set aside in bulk, by a condition, in the background; and putting them back."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_OPEN = "state IN ('waiting', 'undoing')"


def upgrade() -> None:
    op.create_table(
        "set_aside_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "done",
                "stopped",
                "undoing",
                "undone",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("put_back", sa.Integer(), nullable=False),
        sa.Column("too_late", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"({_OPEN}) = (finished_at IS NULL)", name=op.f("ck_set_aside_batch_finished_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_set_aside_batch_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["organiser.id"],
            name=op.f("fk_set_aside_batch_requested_by_organiser"),
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["organiser.id"], name=op.f("fk_set_aside_batch_undone_by_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_set_aside_batch_petition_id"), "set_aside_batch", ["petition_id"])
    op.create_index(
        "ix_set_aside_batch_open",
        "set_aside_batch",
        ["id"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_table(
        "set_aside_address",
        sa.Column("signature_id", _ID, autoincrement=False, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_set_aside_address_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_set_aside_address")),
    )


def downgrade() -> None:
    op.drop_table("set_aside_address")
    op.drop_table("set_aside_batch")
