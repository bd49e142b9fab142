"""Notices per country, next to the form that signs."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "country_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_country_notice_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_notice")),
        sa.UniqueConstraint(
            "petition_id", "country", name=op.f("uq_country_notice_petition_id_country")
        ),
    )
    op.create_table(
        "country_notice_text",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["country_notice.id"],
            name=op.f("fk_country_notice_text_notice_id_country_notice"),
        ),
        sa.PrimaryKeyConstraint("notice_id", "language", name=op.f("pk_country_notice_text")),
    )


def downgrade() -> None:
    op.drop_table("country_notice_text")
    op.drop_table("country_notice")
