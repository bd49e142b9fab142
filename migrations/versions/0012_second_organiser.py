"""The second organiser of a permission is an account, and may agree later."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WITH_SECOND = (
    "given_by <> 'nobody' OR (reason IS NOT NULL AND second_organiser IS NOT NULL)",
    "nobody_asked_needs_reason_and_second",
)
_WITH_REASON = ("given_by <> 'nobody' OR reason IS NOT NULL", "nobody_asked_needs_reason")
_ANOTHER = (
    "second_id IS NULL OR recorded_by_id IS NULL OR second_id <> recorded_by_id",
    "second_is_another",
)


def upgrade() -> None:
    with op.batch_alter_table("permission") as batch:
        batch.drop_constraint(op.f("ck_permission_nobody_asked_needs_reason_and_second"), "check")
        batch.add_column(sa.Column("recorded_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("second_id", sa.Integer(), nullable=True))
        for column in ("recorded_by_id", "second_id"):
            batch.create_foreign_key(
                op.f(f"fk_permission_{column}_organiser"), "organiser", [column], ["id"]
            )
        for told in (_WITH_REASON, _ANOTHER):
            batch.create_check_constraint(op.f(f"ck_permission_{told[1]}"), told[0])


def downgrade() -> None:
    op.execute("UPDATE permission SET second_organiser = '' WHERE second_organiser IS NULL")
    with op.batch_alter_table("permission") as batch:
        for told in (_WITH_REASON, _ANOTHER):
            batch.drop_constraint(op.f(f"ck_permission_{told[1]}"), "check")
        for column in ("recorded_by_id", "second_id"):
            batch.drop_constraint(op.f(f"fk_permission_{column}_organiser"), "foreignkey")
            batch.drop_column(column)
        batch.create_check_constraint(op.f(f"ck_permission_{_WITH_SECOND[1]}"), _WITH_SECOND[0])
