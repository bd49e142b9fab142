"""Who wrote a consent, and the offices in the words that it named them with."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "consent_version", sa.Column("written_by", sa.JSON(), nullable=False, server_default="[]")
    )
    # What signers of older consents read of an office is not known any more, and is not guessed.
    op.add_column(
        "consent_office", sa.Column("office", sa.Text(), nullable=False, server_default="")
    )
    _note_authors_of_drafts()


def downgrade() -> None:
    op.drop_column("consent_office", "office")
    op.drop_column("consent_version", "written_by")


def _note_authors_of_drafts() -> None:
    """Take the authors of drafts from the audit trail: rather too many than one too few."""
    connection = op.get_bind()
    drafts = sa.text("SELECT id, petition_id FROM consent_version WHERE published_at IS NULL")
    for version_id, petition_id in connection.execute(drafts).all():
        actors = connection.execute(
            sa.text(
                "SELECT DISTINCT actor FROM audit_entry"
                " WHERE subject = :subject AND action = 'consent changed'"
            ),
            {"subject": f"petition {petition_id}"},
        )
        numbers = [actor.removeprefix("organiser ") for actor in actors.scalars()]
        authors = sorted(int(number) for number in numbers if number.isdecimal())
        connection.execute(
            sa.text("UPDATE consent_version SET written_by = :authors WHERE id = :id"),
            {"authors": json.dumps(authors), "id": version_id},
        )
