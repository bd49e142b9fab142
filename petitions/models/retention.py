"""The end of names: when nothing more is handed over, their time begins to run."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class NamesTerm(Model):
    """An organiser's word that nothing more of a petition is handed over: from then names have a
    term. Taken back, the row goes; once names are destroyed it stays.
    """

    __tablename__ = "names_term"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    said_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    put_off_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
