"""Letters edited for one official, what binds a state, and what an office wants of its papers."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_WISHES = ("one_side_only", "case_number_on_pages", "never_names")


def upgrade() -> None:
    for name in _WISHES:
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("official", column)
    op.create_table(
        "letter_edit",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["official.id"],
            name=op.f("fk_letter_edit_official_id_official"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_version.id"],
            name=op.f("fk_letter_edit_text_version_id_text_version"),
        ),
        sa.ForeignKeyConstraint(
            ["author"], ["organiser.id"], name=op.f("fk_letter_edit_author_organiser")
        ),
        sa.PrimaryKeyConstraint(
            "official_id", "text_version_id", "language", name=op.f("pk_letter_edit")
        ),
    )
    op.create_table(
        "state_obligation",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_state_obligation_petition_id_petition"),
        ),
        sa.PrimaryKeyConstraint(
            "petition_id", "country", "language", name=op.f("pk_state_obligation")
        ),
    )


def downgrade() -> None:
    op.drop_table("state_obligation")
    op.drop_table("letter_edit")
    for name in reversed(_WISHES):
        op.drop_column("official", name)
