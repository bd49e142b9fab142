"""Sealed signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_key",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('server', 'sealed')", name=op.f("ck_case_key_mode_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_key_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_key_ref")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_key.case_id"], name=op.f("fk_data_key_case_id_case_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_index(op.f("ix_data_key_case_id"), "data_key", ["case_id"], unique=False)
    op.create_table(
        "expired_count",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_expired_count_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("petition_id", "day", name=op.f("pk_expired_count")),
    )
    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "confirmed",
                "withdrawn",
                "set aside",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "appearance",
            sa.Enum(
                "full",
                "initials",
                "counted",
                name="appearance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("consent_version_id", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column(
            "verified_by",
            sa.Enum(
                "e-mail",
                "attested",
                name="verified_by",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "data_key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_reason", sa.Text(), nullable=True),
        sa.Column("attested_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'set aside') = (set_aside_reason IS NOT NULL)",
            name=op.f("ck_signature_set_aside_has_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name=op.f("ck_signature_withdrawn_at_is_known"),
        ),
        sa.CheckConstraint(
            "(verified_by = 'attested') = (attested_by IS NOT NULL)",
            name=op.f("ck_signature_attested_by_is_known"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('pending', 'confirmed', 'set aside')) OR lookup IS NOT NULL",
            name=op.f("ck_signature_active_has_look_up_key"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('pending', 'confirmed', 'set aside')) OR person_sealed IS NOT NULL",
            name=op.f("ck_signature_active_is_sealed"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL",
            name=op.f("ck_signature_confirmed_at_is_known"),
        ),
        sa.CheckConstraint(
            "state = 'pending' OR news OR address_sealed IS NULL",
            name=op.f("ck_signature_address_gone_after_confirm"),
        ),
        sa.ForeignKeyConstraint(
            ["attested_by"], ["organiser.id"], name=op.f("fk_signature_attested_by_organiser")
        ),
        sa.ForeignKeyConstraint(
            ["consent_version_id"],
            ["consent_version.id"],
            name=op.f("fk_signature_consent_version_id_consent_version"),
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_signature_data_key_id_data_key")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_signature_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_version.id"],
            name=op.f("fk_signature_text_version_id_text_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sqlite_autoincrement=True,  # a deleted row's number never comes back: tokens name it
    )
    op.create_index(
        "ix_signature_confirmed",
        "signature",
        ["petition_id", "country", "order_number"],
        unique=False,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_index(
        "ix_signature_pending",
        "signature",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "uq_signature_active_address",
        "signature",
        ["petition_id", "lookup"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'confirmed', 'set aside')"),
        postgresql_where=sa.text("state IN ('pending', 'confirmed', 'set aside')"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_signature_active_address",
        table_name="signature",
        sqlite_where=sa.text("state IN ('pending', 'confirmed', 'set aside')"),
        postgresql_where=sa.text("state IN ('pending', 'confirmed', 'set aside')"),
    )
    op.drop_index(
        "ix_signature_pending",
        table_name="signature",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(
        "ix_signature_confirmed",
        table_name="signature",
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.drop_table("signature")
    op.drop_table("expired_count")
    op.drop_index(op.f("ix_data_key_case_id"), table_name="data_key")
    op.drop_table("data_key")
    op.drop_table("case_key")
