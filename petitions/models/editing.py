"""Pages of the console that somebody has open to edit something, and what was typed there and is
not saved: the one is told to whoever opens the page too, the other is its writer's alone.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import UtcDateTime


class OpenPage(Model):
    """An organiser has a page open: its address, since when, and until when that holds.

    A lease: the page renews it while it is open, and nobody has to take it back.
    """

    __tablename__ = "open_page"

    page: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    organiser_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    window: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """Short marks of the organiser's windows in which it is open: leaving one closes no other."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class UnsavedText(Model):
    """What an organiser typed into a form and has not saved: offered to them again, nobody else."""

    __tablename__ = "unsaved_text"
    __table_args__ = (sa.UniqueConstraint("organiser_id", "page", "window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", ondelete="CASCADE"))
    page: Mapped[str] = mapped_column(sa.String(200))
    window: Mapped[str] = mapped_column(sa.String(40))
    """What is typed in two windows, or before and after coming back, are two texts."""
    typed: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    """Names and values of the form's fields, as they would be sent."""
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"<UnsavedText {self.id}>"
