"""What helps to find forged signatures: rules, how signatures arrived, setting many aside at once.

Nothing here names a signer. What tells a network or a mail domain is deleted after 48 hours.
"""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime, choice


class BlockKind(enum.StrEnum):
    """What a rule is about."""

    NETWORK = "network"
    DOMAIN = "domain"
    ADDRESS = "address"


class Block(Model):
    """A network, mail domain or address whose signatures are set aside on arrival, or let pass.

    Of an address `value` is a keyed hash. A rule is never changed, but removed, and another added.
    """

    __tablename__ = "block"
    __table_args__ = (
        sa.UniqueConstraint("kind", "value"),
        sa.CheckConstraint("kind IN ('network', 'domain', 'address')", name="kind_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    value: Mapped[str] = mapped_column(sa.String(255))
    allow: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Block {self.id}>"


class Arrival(Model):
    """How a signature arrived: pseudonyms under the key of its day. Deleted after 48 hours.

    `domain_sealed` is the mail domain's name, sealed under the same key, to be opened where many
    share it.
    """

    __tablename__ = "arrival"
    __table_args__ = (sa.Index("ix_arrival_petition", "petition_id", "minute"),)

    signature_id: Mapped[int] = mapped_column(
        sa.ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    network: Mapped[str] = mapped_column(sa.String(16))
    domain: Mapped[str] = mapped_column(sa.String(16))
    domain_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    minute: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"<Arrival {self.signature_id}>"


class BatchState(enum.StrEnum):
    """Where a batch is: being set aside, at rest, being put back."""

    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


BATCH_OPEN_SQL = "state IN ('waiting', 'undoing')"


class SetAsideBatch(Model):
    """Signatures of a petition that are set aside together, by a condition, and can be put back.

    `last_seen` is the newest signature that the preview counted; `cursor` how far the worker is.
    What the condition says of networks and mail domains is wiped after 48 hours.
    """

    __tablename__ = "set_aside_batch"
    __table_args__ = (
        sa.Index(
            "ix_set_aside_batch_open",
            "id",
            sqlite_where=sa.text(BATCH_OPEN_SQL),
            postgresql_where=sa.text(BATCH_OPEN_SQL),
        ),
        sa.CheckConstraint(f"({BATCH_OPEN_SQL}) = (finished_at IS NULL)", name="finished_is_known"),
        {"sqlite_autoincrement": True},  # the rows of a batch name its number
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    condition: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    ground: Mapped[str] = mapped_column(sa.String(24))
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[BatchState] = mapped_column(choice(BatchState, "state"))
    total: Mapped[int]
    last_seen: Mapped[int] = mapped_column(sa.BigInteger)
    cursor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    moved: Mapped[int] = mapped_column(default=0)
    put_back: Mapped[int] = mapped_column(default=0)
    too_late: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SetAsideAddress(Model):
    """The sealed address of a signature that a batch set aside while it was pending.

    So that it can be put back as it was; gone once it is confirmed, withdrawn or expired.
    """

    __tablename__ = "set_aside_address"

    signature_id: Mapped[int] = mapped_column(
        sa.ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    address_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    def __repr__(self) -> str:
        return f"<SetAsideAddress {self.signature_id}>"
