"""Mails to officials: a bundle's letter sent by the worker, with what the relay said of it."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Line, UtcDateTime, choice


class OfficialMailState(enum.StrEnum):
    """Where a mail to an official is."""

    WAITING = "waiting"
    HANDING_OVER = "handing over"
    """The relay was given it, or is about to be: it is never sent again by itself."""
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OfficialMail(Model):
    """One mail to one address of an official. The address is the office's, as in the directory."""

    __tablename__ = "official_mail"
    __table_args__ = (
        sa.UniqueConstraint("return_hash"),
        sa.Index("ix_official_mail_state", "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bundle_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle.id"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"))
    address: Mapped[str] = mapped_column(Line)
    with_list: Mapped[bool]
    """Whether the printed list goes with the letter, as far as it is handed over first."""
    by_link: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether the files are fetched under a link instead of attached."""
    state: Mapped[OfficialMailState] = mapped_column(choice(OfficialMailState, "state"))
    message_id: Mapped[str] = mapped_column(sa.String(200))
    return_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    """What the relay answered, or why nothing was sent."""
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[str] = mapped_column(sa.Text, default="")
    """What the report that came back says, without the mail that it encloses."""
