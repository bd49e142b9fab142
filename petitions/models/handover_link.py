"""Links under which an official fetches what a mail hands over, instead of attached files."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class HandoverLink(Model):
    """The link of one mail: which files, until when, how often they were fetched. By whom, never.

    The files lie locked; their key is in the link alone, and `key_hash` tells it from others.
    """

    __tablename__ = "handover_link"
    __table_args__ = (sa.Index("ix_handover_link_open", "ended_at", "ends_at"),)

    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("official_mail.id"), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    files: Mapped[list[Any]] = mapped_column(sa.JSON)
    """Name and bytes of each."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the files were removed; None as long as they lie here."""
    fetched: Mapped[int] = mapped_column(default=0)
    first_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
