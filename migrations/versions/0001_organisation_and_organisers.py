"""Organisation and organisers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=300), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_office")),
        sa.UniqueConstraint("country", name=op.f("uq_contact_office_country")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.String(length=300), nullable=False),
        sa.Column("contact_phone", sa.String(length=60), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("controller", sa.Text(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("accent_colour", sa.String(length=7), nullable=False),
        sa.Column("letterhead", sa.LargeBinary(), nullable=True),
        sa.Column("authors_publish", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "organiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("session_key", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_organiser_email_is_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser")),
        sa.UniqueConstraint("email", name=op.f("uq_organiser_email")),
        sa.UniqueConstraint("session_key", name=op.f("uq_organiser_session_key")),
    )
    op.create_table(
        "organiser_role",
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "campaigner",
                "translator",
                "reviewer",
                "deliverer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_organiser_role_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organiser_id", "role", name=op.f("pk_organiser_role")),
    )


def downgrade() -> None:
    op.drop_table("organiser_role")
    op.drop_table("organiser")
    op.drop_table("organisation")
    op.drop_table("contact_office")
