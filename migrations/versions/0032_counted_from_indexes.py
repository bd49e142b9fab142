"""What happened to signatures and mails is counted from indexes; expired ones by hour, too."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_SIGNATURE = {
    "ix_signature_created": (["petition_id", "created_at"], None),
    "ix_signature_confirmed_at": (
        ["petition_id", "confirmed_at", "verified_by"],
        "confirmed_at IS NOT NULL",
    ),
    "ix_signature_withdrawn_at": (["petition_id", "withdrawn_at"], "withdrawn_at IS NOT NULL"),
    "ix_signature_set_aside_at": (["petition_id", "set_aside_at"], "set_aside_at IS NOT NULL"),
    "ix_signature_attested": (["petition_id", "state"], "verified_by = 'attested'"),
}


def upgrade() -> None:
    op.create_table(
        "expired_lately",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_expired_lately_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("petition_id", "begins_at", name=op.f("pk_expired_lately")),
    )
    for name, (columns, condition) in _SIGNATURE.items():
        where = None if condition is None else sa.text(condition)
        op.create_index(name, "signature", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_mail_standing", "mail", ["petition_id", "kind", "state", "outcome", "budgeted"]
    )
    op.drop_index(op.f("ix_mail_petition_id"), "mail")


def downgrade() -> None:
    op.create_index(op.f("ix_mail_petition_id"), "mail", ["petition_id"])
    op.drop_index("ix_mail_standing", "mail")
    for name in _SIGNATURE:
        op.drop_index(name, "signature")
    op.drop_table("expired_lately")
