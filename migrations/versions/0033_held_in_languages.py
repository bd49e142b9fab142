"""Where a person is believed to be held, in further languages of the case."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_text",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("believed_held", sa.String(length=300), nullable=False),
        sa.CheckConstraint("believed_held <> ''", name=op.f("ck_person_text_says_something")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_person_text_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "language", name=op.f("pk_person_text")),
    )


def downgrade() -> None:
    op.drop_table("person_text")
