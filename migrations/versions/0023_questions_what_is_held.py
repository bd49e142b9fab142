"""Signers of sealed cases ask what is held about them: kept until somebody unlocks and answers."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "signature_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reach_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "answered_at IS NULL OR reach_sealed IS NULL",
            name=op.f("ck_held_question_reach_gone_after_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_held_question_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["organiser.id"],
            name=op.f("fk_held_question_answered_by_organiser"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_question")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_held_question_signature_id")),
    )


def downgrade() -> None:
    op.drop_table("held_question")
