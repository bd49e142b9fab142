"""Builds of sealed cases: marked as such, and agreed to by a second organiser."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "bundle_build",
        sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "build_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("official_ids", sa.JSON(), nullable=False),
        sa.Column("bundle_ids", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("build_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'withdrawn')",
            name=op.f("ck_build_agreement_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state IN ('agreed', 'declined')) = (answered_by IS NOT NULL)",
            name=op.f("ck_build_agreement_answered_by_is_known"),
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> asked_by",
            name=op.f("ck_build_agreement_another_one_answers"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_build_agreement_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["organiser.id"], name=op.f("fk_build_agreement_asked_by_organiser")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["organiser.id"],
            name=op.f("fk_build_agreement_answered_by_organiser"),
        ),
        sa.ForeignKeyConstraint(
            ["build_id"], ["bundle_build.id"], name=op.f("fk_build_agreement_build_id_bundle_build")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_build_agreement")),
    )
    op.create_index(op.f("ix_build_agreement_petition_id"), "build_agreement", ["petition_id"])


def downgrade() -> None:
    op.drop_table("build_agreement")
    op.drop_column("bundle_build", "sealed")
