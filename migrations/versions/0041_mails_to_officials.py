"""Letters sent to officials by e-mail, with what relays said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_STATES = ("waiting", "handing over", "sent", "failed", "cancelled")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "official_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("with_list", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("return_hash", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("claimed_until", moment, nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("handed_at", moment, nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("returned_at", moment, nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_official_mail_bundle_id_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_official_mail_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["organiser.id"], name=op.f("fk_official_mail_asked_by_organiser")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_mail")),
        sa.UniqueConstraint("return_hash", name=op.f("uq_official_mail_return_hash")),
    )
    op.create_index("ix_official_mail_state", "official_mail", ["state", "not_before"])
    op.create_index(op.f("ix_official_mail_bundle_id"), "official_mail", ["bundle_id"])


def downgrade() -> None:
    op.drop_table("official_mail")
