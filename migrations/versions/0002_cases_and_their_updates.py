"""Cases and their updates."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("country_of_events", sa.String(length=2), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("source_language", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL)",
            name=op.f("ck_case_hidden_with_a_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("slug", name=op.f("uq_case_slug")),
    )
    op.create_table(
        "addressed_state",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case.id"],
            name=op.f("fk_addressed_state_case_id_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", "country", name=op.f("pk_addressed_state")),
    )
    op.create_table(
        "case_text",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("standfirst", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("narrator", sa.String(length=300), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("content_note", sa.Text(), nullable=False),
        sa.Column("call_to_act", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_text_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "language", name=op.f("pk_case_text")),
    )
    op.create_table(
        "case_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "initial",
                "further",
                "correction",
                "stop",
                "outcome",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("index_number", sa.String(length=60), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("new_deadline_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'further') = (number IS NOT NULL)",
            name=op.f("ck_case_update_further_is_numbered"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_update_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_update")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_case_update_case_id_position")),
    )
    op.create_table(
        "permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "given_by",
            sa.Enum(
                "person",
                "family",
                "lawyer",
                "nobody",
                name="given_by",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("covers_name", sa.Boolean(), nullable=False),
        sa.Column("covers_picture", sa.Boolean(), nullable=False),
        sa.Column("covers_place", sa.Boolean(), nullable=False),
        sa.Column("covers_story", sa.Boolean(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.Column("second_organiser", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "given_by <> 'nobody' OR (reason IS NOT NULL AND second_organiser IS NOT NULL)",
            name=op.f("ck_permission_nobody_asked_needs_reason_and_second"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_permission_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission")),
    )
    op.create_index(op.f("ix_permission_case_id"), "permission", ["case_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("gender", sa.String(length=20), nullable=True),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "detained",
                "missing",
                "returned",
                "released",
                "dead",
                "unknown",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("status_as_of", sa.Date(), nullable=True),
        sa.Column("believed_held", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "age IS NULL OR age BETWEEN 0 AND 130", name=op.f("ck_person_age_is_plausible")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_person_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_person_case_id_position")),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("credit", sa.String(length=300), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_picture_has_size")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_picture_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_picture_case_id_position")),
    )
    op.create_table(
        "person_name",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_person_name_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "position", name=op.f("pk_person_name")),
    )
    op.create_table(
        "picture_text",
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_picture_text_has_alt_text")),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["picture.id"],
            name=op.f("fk_picture_text_picture_id_picture"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("picture_id", "language", name=op.f("pk_picture_text")),
    )
    op.create_table(
        "pulled_statement",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attribution", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "language"],
            ["case_text.case_id", "case_text.language"],
            name=op.f("fk_pulled_statement_case_id_language_case_text"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "case_id", "language", "position", name=op.f("pk_pulled_statement")
        ),
    )
    op.create_table(
        "update_text",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["case_update.id"],
            name=op.f("fk_update_text_update_id_case_update"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("update_id", "language", name=op.f("pk_update_text")),
    )


def downgrade() -> None:
    op.drop_table("update_text")
    op.drop_table("pulled_statement")
    op.drop_table("picture_text")
    op.drop_table("person_name")
    op.drop_table("picture")
    op.drop_table("person")
    op.drop_index(op.f("ix_permission_case_id"), table_name="permission")
    op.drop_table("permission")
    op.drop_table("case_update")
    op.drop_table("case_text")
    op.drop_table("addressed_state")
    op.drop_table("case")
