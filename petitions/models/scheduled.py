"""What is to be published at a set time: a petition, or an update of a case."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class ScheduledPublication(Model):
    """One publication that waits for its time. The row goes when it is done or called off.

    `seen` is the fingerprint of the words that whoever scheduled it looked at.
    """

    __tablename__ = "scheduled_publication"
    __table_args__ = (
        sa.UniqueConstraint("petition_id"),
        sa.UniqueConstraint("update_id"),
        sa.CheckConstraint("(petition_id IS NULL) <> (update_id IS NULL)", name="one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("petition.id"))
    update_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("case_update.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen: Mapped[str] = mapped_column(sa.String(40))
    move_deadline: Mapped[bool] = mapped_column(default=False)
    """Whether the running petitions get the new deadline of the update."""
    scheduled_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    scheduled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its time came and it could not be published."""
    stopped_why: Mapped[str | None] = mapped_column(sa.String(40))
