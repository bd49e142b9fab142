"""Scans of sheets, sealed; numbers of partners stand apart in bundles."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bundle", sa.Column("partners", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("paper_signatures", sa.Column("scan_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("paper_signatures", sa.Column("scan_type", sa.String(40), nullable=True))
    op.add_column("paper_signatures", sa.Column("scan_key_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for name in ("scan_key_id", "scan_type", "scan_sealed"):
        op.drop_column("paper_signatures", name)
    op.drop_column("bundle", "partners")
