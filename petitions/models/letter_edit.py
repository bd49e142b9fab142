"""Letters as organisers changed them for one official, and what binds a state, in one language."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language, UtcDateTime


class LetterEdit(Model):
    """The letter to one official in one language, where it says more or other than the petition."""

    __tablename__ = "letter_edit"

    official_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True
    )
    text_version_id: Mapped[int] = mapped_column(sa.ForeignKey("text_version.id"), primary_key=True)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    words: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    author: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StateObligation(Model):
    """What binds a state, in a line, for the letters of a petition to its offices."""

    __tablename__ = "state_obligation"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    country: Mapped[str] = mapped_column(Country, primary_key=True)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
