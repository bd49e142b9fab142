"""Workers that run, or ran within the last day: which, and when each was last seen."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class WorkerBeat(Model):
    """A worker's sign of life: its name (host, process, chance) and when it gave one."""

    __tablename__ = "worker_beat"

    worker: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
