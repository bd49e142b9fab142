"""Drafts of texts beside what is published, and who wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DRAFT = sa.text("published_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "case_draft",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_draft_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "language", name=op.f("pk_case_draft")),
    )
    for table in ("case_text", "case_update", "text_version"):
        op.add_column(
            table, sa.Column("written_by", sa.JSON(), nullable=False, server_default="[]")
        )
    for table in ("case_update", "text_version", "consent_version"):
        op.add_column(table, sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    # Until now whatever was stored could be read.
    op.execute("UPDATE text_version SET published_at = created_at")
    op.execute("UPDATE consent_version SET published_at = created_at")
    op.execute(
        "UPDATE case_update SET published_at = (SELECT coalesce(c.published_at, c.created_at) "
        'FROM "case" AS c WHERE c.id = case_update.case_id)'
    )
    for table in ("text_version", "consent_version"):
        op.create_index(
            f"uq_{table}_draft",
            table,
            ["petition_id"],
            unique=True,
            sqlite_where=_DRAFT,
            postgresql_where=_DRAFT,
        )
    op.add_column("addressee", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("addressee", "removed_at")
    for table in ("text_version", "consent_version"):
        op.drop_index(f"uq_{table}_draft", table_name=table)
    for table in ("case_update", "text_version", "consent_version"):
        op.drop_column(table, "published_at")
    for table in ("case_text", "case_update", "text_version"):
        op.drop_column(table, "written_by")
    op.drop_table("case_draft")
