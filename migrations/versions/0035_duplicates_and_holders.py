"""Officials that were told apart, and who held an office before."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "official_apart",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_official_apart_in_order")),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["official.id"],
            name=op.f("fk_official_apart_first_id_official"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["official.id"],
            name=op.f("fk_official_apart_second_id_official"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_official_apart")),
    )
    op.create_index(op.f("ix_official_apart_second_id"), "official_apart", ["second_id"])
    op.create_table(
        "former_holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["official.id"],
            name=op.f("fk_former_holder_official_id_official"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_holder")),
    )
    op.create_index(op.f("ix_former_holder_official_id"), "former_holder", ["official_id"])


def downgrade() -> None:
    op.drop_table("former_holder")
    op.drop_table("official_apart")
