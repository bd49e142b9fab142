"""The organisation that runs the site, its contact offices, and the organisers with their roles."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Line, UtcDateTime, choice


class Role(enum.StrEnum):
    """What an organiser may do."""

    ADMIN = "admin"
    CAMPAIGNER = "campaigner"
    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    DELIVERER = "deliverer"


class Organisation(Model):
    """One row: who publishes, and who is responsible for the data."""

    __tablename__ = "organisation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Line)
    about: Mapped[str] = mapped_column(sa.Text, default="")
    postal_address: Mapped[str] = mapped_column(sa.Text, default="")
    contact_email: Mapped[str] = mapped_column(Line, default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    website: Mapped[str] = mapped_column(Line, default="")
    controller: Mapped[str] = mapped_column(sa.Text, default="")
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    time_zone: Mapped[str] = mapped_column(sa.String(60), default="UTC")
    accent_colour: Mapped[str] = mapped_column(sa.String(7), default="")
    letterhead: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    authors_publish: Mapped[bool] = mapped_column(default=True)
    demonstration: Mapped[bool] = mapped_column(default=False)


class ContactOffice(Model):
    """Whom a signer of a given country may ask; the row without a country serves all others."""

    __tablename__ = "contact_office"
    __table_args__ = (sa.UniqueConstraint("country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str | None] = mapped_column(Country)
    name: Mapped[str] = mapped_column(Line)
    details: Mapped[str] = mapped_column(sa.Text, default="")
    email: Mapped[str] = mapped_column(Line, default="")
    website: Mapped[str] = mapped_column(Line, default="")


class Organiser(Model):
    """A person with an account."""

    __tablename__ = "organiser"
    __table_args__ = (
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("session_key"),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Line)
    name: Mapped[str] = mapped_column(Line, default="")
    password_hash: Mapped[str | None] = mapped_column(sa.String(255))
    session_key: Mapped[str] = mapped_column(sa.String(64))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Organiser {self.id}>"


class OrganiserRole(Model):
    """One role of one organiser."""

    __tablename__ = "organiser_role"

    organiser_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(choice(Role, "role"), primary_key=True)
