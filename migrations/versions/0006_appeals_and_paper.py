"""Appeals and paper."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_appeal_official_id_official")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_appeal_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index(op.f("ix_appeal_official_id"), "appeal", ["official_id"], unique=False)
    op.create_index(op.f("ix_appeal_petition_id"), "appeal", ["petition_id"], unique=False)
    op.create_table(
        "paper_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=True),
        sa.Column("provenance", sa.String(length=300), nullable=False),
        sa.Column("how_checked", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('paper', 'partner')", name=op.f("ck_paper_signatures_source_is_known")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_paper_signatures_number_is_positive")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["organiser.id"], name=op.f("fk_paper_signatures_entered_by_organiser")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_paper_signatures_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_signatures")),
    )
    op.create_index(
        op.f("ix_paper_signatures_petition_id"), "paper_signatures", ["petition_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_paper_signatures_petition_id"), table_name="paper_signatures")
    op.drop_table("paper_signatures")
    op.drop_index(op.f("ix_appeal_petition_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_official_id"), table_name="appeal")
    op.drop_table("appeal")
