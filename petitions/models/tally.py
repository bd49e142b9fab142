"""Numbers of confirmed signatures: added up, and changes that are not added up yet.

Triggers on `signature` write the changes (migration 0030), so that whoever confirms, withdraws or
sets aside cannot forget to. Nothing here says which signature it was.
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import BigId, Country, UtcDateTime


class Tally(Model):
    """How many confirmed signatures of a petition, by country and by how they were confirmed."""

    __tablename__ = "tally"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    country: Mapped[str] = mapped_column(Country, primary_key=True)
    how: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)


class TallyOfDay(Model):
    """The same by the day (UTC) on which they were confirmed."""

    __tablename__ = "tally_of_day"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(Country, primary_key=True)
    how: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)


class TallyChange(Model):
    """One more or one less, not added up yet. No reference: nobody waits for the petition's row."""

    __tablename__ = "tally_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    petition_id: Mapped[int] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(Country)
    how: Mapped[str] = mapped_column(sa.String(24))
    day: Mapped[date]
    number: Mapped[int] = mapped_column(sa.BigInteger)


class Lease(Model):
    """Who does a periodic work now, and until when: one leader among any number of workers."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(40))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
