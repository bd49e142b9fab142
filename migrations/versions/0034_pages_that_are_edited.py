"""Who has which page of the console open for editing, and what was typed there and is not saved."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_page",
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(length=40), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_open_page_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page", "organiser_id", name=op.f("pk_open_page")),
    )
    op.create_index(op.f("ix_open_page_organiser_id"), "open_page", ["organiser_id"])
    op.create_index(op.f("ix_open_page_until"), "open_page", ["until"])
    op.create_table(
        "unsaved_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_unsaved_text_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsaved_text")),
        sa.UniqueConstraint(
            "organiser_id", "page", "window", name=op.f("uq_unsaved_text_organiser_id_page_window")
        ),
    )
    op.create_index(op.f("ix_unsaved_text_kept_at"), "unsaved_text", ["kept_at"])


def downgrade() -> None:
    op.drop_table("unsaved_text")
    op.drop_table("open_page")
