"""Custodians: who can unlock a sealed case, and what is kept for them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Line, UtcDateTime


class Custodian(Model):
    """One passphrase, or the recovery key, with the case's private key sealed to it.

    `parameters` are those of argon2id; a recovery key needs neither them nor a salt. Whoever was
    removed leaves the row, without the key.
    """

    __tablename__ = "custodian"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('passphrase', 'recovery')", name="kind_is_known"),
        sa.CheckConstraint("(kind = 'recovery') = (salt IS NULL)", name="passphrase_has_salt"),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (wrapped_key IS NOT NULL)", name="removed_has_no_key"
        ),
        sa.Index(
            "uq_custodian_recovery",
            "case_id",
            unique=True,
            sqlite_where=sa.text("kind = 'recovery' AND removed_at IS NULL"),
            postgresql_where=sa.text("kind = 'recovery' AND removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_key.case_id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    label: Mapped[str] = mapped_column(Line)
    organiser_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    parameters: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    wrapped_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    voucher: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Custodian {self.id} of case {self.case_id}>"
