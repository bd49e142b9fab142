"""Officials and embassies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "official",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "office",
                "embassy",
                "consulate",
                "mission",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("represents", sa.String(length=2), nullable=True),
        sa.Column("postal_lines", sa.Text(), nullable=False),
        sa.Column("source_language", sa.String(length=12), nullable=False),
        sa.Column("preferred_language", sa.String(length=12), nullable=True),
        sa.Column("submission_notes", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'office') = (represents IS NULL)", name=op.f("ck_official_embassy_represents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
        sa.UniqueConstraint("slug", name=op.f("uq_official_slug")),
    )
    op.create_index(op.f("ix_official_represents"), "official", ["represents"], unique=False)
    op.create_table(
        "accreditation",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["official.id"],
            name=op.f("fk_accreditation_official_id_official"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("official_id", "country", name=op.f("pk_accreditation")),
    )
    op.create_index(op.f("ix_accreditation_country"), "accreditation", ["country"], unique=False)
    op.create_table(
        "official_contact",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "fax",
                "phone",
                "web",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["official.id"],
            name=op.f("fk_official_contact_official_id_official"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "official_id", "kind", "position", name=op.f("pk_official_contact")
        ),
    )
    op.create_table(
        "official_text",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("office", sa.String(length=300), nullable=False),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("salutation", sa.String(length=300), nullable=False),
        sa.Column("form_of_address", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["official.id"],
            name=op.f("fk_official_text_official_id_official"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("official_id", "language", name=op.f("pk_official_text")),
    )


def downgrade() -> None:
    op.drop_table("official_text")
    op.drop_table("official_contact")
    op.drop_index(op.f("ix_accreditation_country"), table_name="accreditation")
    op.drop_table("accreditation")
    op.drop_index(op.f("ix_official_represents"), table_name="official")
    op.drop_table("official")
