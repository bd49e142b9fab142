"""How signatures arrived, for 48 hours; mail domains of any length in rules."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("block") as batch:
        batch.alter_column(
            "value", existing_type=sa.String(120), type_=sa.String(255), existing_nullable=False
        )
    op.create_table(
        "arrival",
        sa.Column("signature_id", _ID, autoincrement=False, nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("domain_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_arrival_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_arrival_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_arrival")),
    )
    op.create_index("ix_arrival_petition", "arrival", ["petition_id", "minute"])
    op.create_index(op.f("ix_arrival_minute"), "arrival", ["minute"])


def downgrade() -> None:
    op.drop_table("arrival")
    with op.batch_alter_table("block") as batch:
        batch.alter_column(
            "value", existing_type=sa.String(255), type_=sa.String(120), existing_nullable=False
        )
