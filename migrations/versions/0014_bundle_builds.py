"""Bundles built in the background, letters frozen with them, replies and follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.add_column("bundle", sa.Column("letter", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "delivery", sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True)
    )
    with op.batch_alter_table("reply") as batch:
        batch.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key(
            op.f("fk_reply_recorded_by_organiser"), "organiser", ["recorded_by"], ["id"]
        )
    op.create_table(
        "letterhead",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_letterhead")),
    )
    op.create_table(
        "bundle_build",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("official_ids", sa.JSON(), nullable=False),
        sa.Column("bundle_ids", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)",
            name=op.f("ck_bundle_build_finished_at_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_bundle_build_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["organiser.id"], name=op.f("fk_bundle_build_requested_by_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_build")),
    )
    op.create_index(op.f("ix_bundle_build_petition_id"), "bundle_build", ["petition_id"])
    op.create_index(
        "ix_bundle_build_open",
        "bundle_build",
        ["requested_at"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "bundle_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["build_id"], ["bundle_build.id"], name=op.f("fk_bundle_file_build_id_bundle_build")
        ),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_file_bundle_id_bundle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_file")),
    )
    op.create_index(op.f("ix_bundle_file_build_id"), "bundle_file", ["build_id"])
    op.create_index(op.f("ix_bundle_file_bundle_id"), "bundle_file", ["bundle_id"])


def downgrade() -> None:
    op.drop_table("bundle_file")
    op.drop_table("bundle_build")
    op.drop_table("letterhead")
    with op.batch_alter_table("reply") as batch:
        batch.drop_constraint(op.f("fk_reply_recorded_by_organiser"), "foreignkey")
        batch.drop_column("recorded_at")
        batch.drop_column("recorded_by")
    op.drop_column("delivery", "followed_up_at")
    op.drop_column("bundle", "letter")
