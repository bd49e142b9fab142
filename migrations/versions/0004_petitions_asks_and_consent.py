"""Petitions asks and consent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "petition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "paused",
                "closed",
                "stopped",
                "archived",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("goal", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column(
            "after_deadline",
            sa.Enum(
                "close",
                "mark late",
                "ask first",
                name="after_deadline",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("publish_proof", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'stopped' OR stop_reason IS NOT NULL",
            name=op.f("ck_petition_stopped_with_a_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('draft') OR published_at IS NOT NULL",
            name=op.f("ck_petition_published_at_is_known"),
        ),
        sa.CheckConstraint("goal IS NULL OR goal > 0", name=op.f("ck_petition_goal_is_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_petition_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("slug", name=op.f("uq_petition_slug")),
    )
    op.create_index(op.f("ix_petition_case_id"), "petition", ["case_id"], unique=False)
    op.create_table(
        "addressee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "to", "copy", name="part", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("official_id", sa.Integer(), nullable=True),
        sa.Column("embassies_of", sa.String(length=2), nullable=True),
        sa.Column("names_go", sa.Boolean(), nullable=False),
        sa.Column("names_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "NOT names_go OR part = 'to' OR names_reason IS NOT NULL",
            name=op.f("ck_addressee_names_to_copies_need_a_reason"),
        ),
        sa.CheckConstraint(
            "embassies_of IS NULL OR part = 'copy'", name=op.f("ck_addressee_embassies_are_copies")
        ),
        sa.CheckConstraint(
            "(official_id IS NULL) <> (embassies_of IS NULL)",
            name=op.f("ck_addressee_official_or_rule"),
        ),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_addressee_official_id_official")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_addressee_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addressee")),
        sa.UniqueConstraint(
            "petition_id", "embassies_of", name=op.f("uq_addressee_petition_id_embassies_of")
        ),
        sa.UniqueConstraint(
            "petition_id", "official_id", name=op.f("uq_addressee_petition_id_official_id")
        ),
    )
    op.create_index(op.f("ix_addressee_official_id"), "addressee", ["official_id"], unique=False)
    op.create_index(op.f("ix_addressee_petition_id"), "addressee", ["petition_id"], unique=False)
    op.create_table(
        "consent_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_consent_version_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_version")),
        sa.UniqueConstraint(
            "petition_id", "number", name=op.f("uq_consent_version_petition_id_number")
        ),
    )
    op.create_table(
        "letter_language",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_letter_language_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("petition_id", "language", name=op.f("pk_letter_language")),
    )
    op.create_table(
        "text_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_text_version_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_version")),
        sa.UniqueConstraint(
            "petition_id", "number", name=op.f("uq_text_version_petition_id_number")
        ),
    )
    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_version.id"],
            name=op.f("fk_ask_text_version_id_text_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint(
            "text_version_id", "position", name=op.f("uq_ask_text_version_id_position")
        ),
    )
    op.create_table(
        "consent_office",
        sa.Column("consent_version_id", sa.Integer(), nullable=False),
        sa.Column("addressee_id", sa.Integer(), nullable=False),
        sa.Column("names_go", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["addressee_id"],
            ["addressee.id"],
            name=op.f("fk_consent_office_addressee_id_addressee"),
        ),
        sa.ForeignKeyConstraint(
            ["consent_version_id"],
            ["consent_version.id"],
            name=op.f("fk_consent_office_consent_version_id_consent_version"),
        ),
        sa.PrimaryKeyConstraint(
            "consent_version_id", "addressee_id", name=op.f("pk_consent_office")
        ),
    )
    op.create_index(
        op.f("ix_consent_office_addressee_id"), "consent_office", ["addressee_id"], unique=False
    )
    op.create_table(
        "consent_text",
        sa.Column("consent_version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("news", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_version_id"],
            ["consent_version.id"],
            name=op.f("fk_consent_text_consent_version_id_consent_version"),
        ),
        sa.PrimaryKeyConstraint("consent_version_id", "language", name=op.f("pk_consent_text")),
    )
    op.create_table(
        "petition_text",
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("letter_subject", sa.String(length=300), nullable=False),
        sa.Column("letter_opening", sa.Text(), nullable=False),
        sa.Column("letter_closing", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_version.id"],
            name=op.f("fk_petition_text_text_version_id_text_version"),
        ),
        sa.PrimaryKeyConstraint("text_version_id", "language", name=op.f("pk_petition_text")),
    )
    op.create_table(
        "ask_addressee",
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("addressee_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["addressee.id"], name=op.f("fk_ask_addressee_addressee_id_addressee")
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_addressee_ask_id_ask")),
        sa.PrimaryKeyConstraint("ask_id", "addressee_id", name=op.f("pk_ask_addressee")),
    )
    op.create_index(
        op.f("ix_ask_addressee_addressee_id"), "ask_addressee", ["addressee_id"], unique=False
    )
    op.create_table(
        "ask_text",
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("for_readers", sa.Text(), nullable=False),
        sa.Column("for_letter", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_text_ask_id_ask")),
        sa.PrimaryKeyConstraint("ask_id", "language", name=op.f("pk_ask_text")),
    )


def downgrade() -> None:
    op.drop_table("ask_text")
    op.drop_index(op.f("ix_ask_addressee_addressee_id"), table_name="ask_addressee")
    op.drop_table("ask_addressee")
    op.drop_table("petition_text")
    op.drop_table("consent_text")
    op.drop_index(op.f("ix_consent_office_addressee_id"), table_name="consent_office")
    op.drop_table("consent_office")
    op.drop_table("ask")
    op.drop_table("text_version")
    op.drop_table("letter_language")
    op.drop_table("consent_version")
    op.drop_index(op.f("ix_addressee_petition_id"), table_name="addressee")
    op.drop_index(op.f("ix_addressee_official_id"), table_name="addressee")
    op.drop_table("addressee")
    op.drop_index(op.f("ix_petition_case_id"), table_name="petition")
    op.drop_table("petition")
