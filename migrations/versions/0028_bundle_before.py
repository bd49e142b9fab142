"""The bundle that each bundle cites as the one before; until now only one that it superseded."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_CITED = """
UPDATE bundle_proof SET previous = (
  SELECT before.public_id || ' ' || kept.tag_manifest_sha256
  FROM bundle AS mine
  JOIN bundle AS before ON before.id = mine.supersedes_id
  JOIN bundle_proof AS kept ON kept.bundle_id = before.id
  WHERE mine.id = bundle_proof.bundle_id AND kept.written_at <= bundle_proof.written_at
)
WHERE EXISTS (
  SELECT 1
  FROM bundle AS mine
  JOIN bundle_proof AS kept ON kept.bundle_id = mine.supersedes_id
  WHERE mine.id = bundle_proof.bundle_id AND kept.written_at <= bundle_proof.written_at
)
"""


def upgrade() -> None:
    column = sa.Column("previous", sa.String(length=200), server_default="", nullable=False)
    op.add_column("bundle_proof", column)
    op.execute(_CITED)


def downgrade() -> None:
    op.drop_column("bundle_proof", "previous")
