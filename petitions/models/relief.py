"""What was told to give way under heavy load: a row for each thing that does so now."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class Relief(Model):
    """One thing that gives way, since when, and by whom; switched back, its row goes.

    `counted_at` is for the numbers alone: when they were last added up.
    """

    __tablename__ = "relief"

    name: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(64))
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
