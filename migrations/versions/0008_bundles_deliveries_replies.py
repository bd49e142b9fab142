"""Bundles deliveries replies."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bundle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=100), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("addressee_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("names_go", sa.Boolean(), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named", sa.Integer(), nullable=False),
        sa.Column("initials", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("attested", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("appeals", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "eligible = named + initials + counted", name=op.f("ck_bundle_numbers_add_up")
        ),
        sa.CheckConstraint("eligible > 0", name=op.f("ck_bundle_is_not_empty")),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["addressee.id"], name=op.f("fk_bundle_addressee_id_addressee")
        ),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_bundle_official_id_official")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_bundle_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["bundle.id"], name=op.f("fk_bundle_supersedes_id_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_version.id"],
            name=op.f("fk_bundle_text_version_id_text_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("petition_id", "number", name=op.f("uq_bundle_petition_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bundle_public_id")),
    )
    op.create_index(op.f("ix_bundle_addressee_id"), "bundle", ["addressee_id"], unique=False)
    op.create_index(op.f("ix_bundle_official_id"), "bundle", ["official_id"], unique=False)
    op.create_table(
        "bundle_proof",
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column("tag_manifest", sa.Text(), nullable=False),
        sa.Column("tag_manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("commitments", sa.LargeBinary(), nullable=True),
        sa.Column("nonce_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "data_key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("transliterated", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_proof_bundle_id_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_bundle_proof_data_key_id_data_key")
        ),
        sa.PrimaryKeyConstraint("bundle_id", name=op.f("pk_bundle_proof")),
    )
    op.create_table(
        "bundle_signature",
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column(
            "signature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
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
        sa.Column("line", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(appearance = 'counted') = (line IS NULL)",
            name=op.f("ck_bundle_signature_counted_has_no_line"),
        ),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_signature_bundle_id_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_bundle_signature_signature_id_signature"),
        ),
        sa.PrimaryKeyConstraint("bundle_id", "signature_id", name=op.f("pk_bundle_signature")),
        sa.UniqueConstraint("bundle_id", "line", name=op.f("uq_bundle_signature_bundle_id_line")),
    )
    op.create_index(
        op.f("ix_bundle_signature_signature_id"), "bundle_signature", ["signature_id"], unique=False
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "agreed",
                "done",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "meeting",
                "post",
                "fax",
                "e-mail",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("handed_over_by", sa.String(length=300), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "met",
                "accepted",
                "accepted without meeting",
                "refused",
                "unanswered",
                "posted",
                "faxed",
                "e-mailed",
                "returned",
                "unknown",
                name="outcome",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("receipt_type", sa.String(length=40), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (outcome IS NOT NULL)", name=op.f("ck_delivery_done_has_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_delivery_bundle_id_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["organiser.id"], name=op.f("fk_delivery_recorded_by_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_bundle_id"), "delivery", ["bundle_id"], unique=False)
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translation", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_reply_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["official_id"], ["official.id"], name=op.f("fk_reply_official_id_official")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_reply_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    op.create_index(op.f("ix_reply_delivery_id"), "reply", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_reply_official_id"), "reply", ["official_id"], unique=False)
    op.create_index(op.f("ix_reply_petition_id"), "reply", ["petition_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reply_petition_id"), table_name="reply")
    op.drop_index(op.f("ix_reply_official_id"), table_name="reply")
    op.drop_index(op.f("ix_reply_delivery_id"), table_name="reply")
    op.drop_table("reply")
    op.drop_index(op.f("ix_delivery_bundle_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_bundle_signature_signature_id"), table_name="bundle_signature")
    op.drop_table("bundle_signature")
    op.drop_table("bundle_proof")
    op.drop_index(op.f("ix_bundle_official_id"), table_name="bundle")
    op.drop_index(op.f("ix_bundle_addressee_id"), table_name="bundle")
    op.drop_table("bundle")
