"""When nothing more of a petition is handed over, the term of its names begins to run."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "names_term",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=True),
        sa.Column("put_off_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_names_term_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["said_by"], ["organiser.id"], name=op.f("fk_names_term_said_by_organiser")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_names_term")),
    )


def downgrade() -> None:
    op.drop_table("names_term")
