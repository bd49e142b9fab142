"""Organisers who reach chosen cases alone."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organiser_case",
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_organiser_case_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case.id"],
            name=op.f("fk_organiser_case_case_id_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organiser_id", "case_id", name=op.f("pk_organiser_case")),
    )
    op.create_index(op.f("ix_organiser_case_case_id"), "organiser_case", ["case_id"])
    with op.batch_alter_table("organiser") as batch:
        batch.add_column(
            sa.Column("only_chosen_cases", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("organiser") as batch:
        batch.drop_column("only_chosen_cases")
    op.drop_table("organiser_case")
