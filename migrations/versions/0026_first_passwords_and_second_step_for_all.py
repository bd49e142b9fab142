"""First passwords are to be changed; an organisation may ask everybody for the second step."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default in the database: yesterday's code adds rows without these columns.
    for table, column in (
        ("organiser", "password_is_first"),
        ("organisation", "second_step_for_all"),
    ):
        op.add_column(
            table, sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    op.drop_column("organisation", "second_step_for_all")
    op.drop_column("organiser", "password_is_first")
