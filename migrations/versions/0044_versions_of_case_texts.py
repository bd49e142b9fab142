"""What readers saw of the texts of cases and of their updates, kept version by version."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_text_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case.id"],
            name=op.f("fk_case_text_version_case_id_case"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["case_update.id"],
            name=op.f("fk_case_text_version_update_id_case_update"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_text_version")),
        sa.UniqueConstraint(
            "case_id",
            "update_id",
            "language",
            "number",
            name=op.f("uq_case_text_version_case_id_update_id_language_number"),
        ),
    )
    op.create_index(op.f("ix_case_text_version_update_id"), "case_text_version", ["update_id"])
    op.create_index(
        "uq_case_text_version_of_case",
        "case_text_version",
        ["case_id", "language", "number"],
        unique=True,
        sqlite_where=sa.text("update_id IS NULL"),
        postgresql_where=sa.text("update_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("case_text_version")
