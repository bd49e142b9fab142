"""News to signers, and which news a mail tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sending",
                "paused",
                "done",
                "stopped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("fallback_language", sa.String(length=12), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("fed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_because", sa.String(length=24), nullable=True),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("per_hour > 0", name=op.f("ck_news_pace_is_positive")),
        sa.CheckConstraint(
            "(state = 'draft') = (started_at IS NULL)", name=op.f("ck_news_started_is_known")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'stopped')) = (finished_at IS NOT NULL)",
            name=op.f("ck_news_finished_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_news_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["organiser.id"], name=op.f("fk_news_created_by_organiser")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["organiser.id"], name=op.f("fk_news_started_by_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_news_petition_id"), "news", ["petition_id"])
    op.create_table(
        "news_text",
        sa.Column("news_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["news_id"], ["news.id"], name=op.f("fk_news_text_news_id_news"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("news_id", "language", name=op.f("pk_news_text")),
    )
    with op.batch_alter_table("mail") as batch:
        batch.add_column(sa.Column("news_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_mail_news_id_news"), "news", ["news_id"], ["id"])
    op.create_index(
        "uq_mail_news_once",
        "mail",
        ["news_id", "signature_id"],
        unique=True,
        sqlite_where=sa.text("news_id IS NOT NULL"),
        postgresql_where=sa.text("news_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM mail WHERE news_id IS NOT NULL")
    op.drop_index("uq_mail_news_once", "mail")
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("fk_mail_news_id_news"), "foreignkey")
        batch.drop_column("news_id")
    op.drop_table("news_text")
    op.drop_table("news")
