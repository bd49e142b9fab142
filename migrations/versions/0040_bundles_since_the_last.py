"""Bundles that hold what came since the last one, which stays good beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_ASKED_FOR = ("bundle_build", "build_agreement")


def upgrade() -> None:
    with op.batch_alter_table("bundle") as bundle:
        bundle.add_column(sa.Column("continues_id", sa.Integer(), nullable=True))
        bundle.create_foreign_key(
            op.f("fk_bundle_continues_id_bundle"), "bundle", ["continues_id"], ["id"]
        )
        bundle.create_check_constraint(
            op.f("ck_bundle_supersedes_or_continues"),
            "supersedes_id IS NULL OR continues_id IS NULL",
        )
    for table in _ASKED_FOR:
        column = sa.Column("since_last", sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, column)


def downgrade() -> None:
    for table in reversed(_ASKED_FOR):
        op.drop_column(table, "since_last")
    with op.batch_alter_table("bundle") as bundle:
        bundle.drop_constraint(op.f("ck_bundle_supersedes_or_continues"), type_="check")
        bundle.drop_constraint(op.f("fk_bundle_continues_id_bundle"), type_="foreignkey")
        bundle.drop_column("continues_id")
