"""What a petition tells readers of one country next to the form, up to closing it there."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language


class CountryNotice(Model):
    """A country that a petition has something to say to, or takes no signatures from."""

    __tablename__ = "country_notice"
    __table_args__ = (sa.UniqueConstraint("petition_id", "country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    country: Mapped[str] = mapped_column(Country)
    closed: Mapped[bool] = mapped_column(default=False)
    """Nobody who lives there can sign; the text says why."""


class CountryNoticeText(Model):
    """A notice in one language: plain paragraphs."""

    __tablename__ = "country_notice_text"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("country_notice.id"), primary_key=True)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
