"""The organisation that runs the site, its contact offices, and the organisers with their roles.

The attributes of an organiser that concern signing in are named as Flask-Security asks for them.
"""

import enum
from datetime import datetime

import sqlalchemy as sa
from flask_security import UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language, Line, UtcDateTime, choice


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
    second_step_for_all: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
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


class Organiser(Model, UserMixin):
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
    password: Mapped[str | None] = mapped_column("password_hash", sa.String(255))
    """An argon2id hash; None until an invitation was accepted."""
    password_is_first: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """A command made the password and somebody passed it on: its person must choose their own."""
    fs_uniquifier: Mapped[str] = mapped_column("session_key", sa.String(64))
    """Changed, it ends all of the organiser's sign-ins."""
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(Language, default="en")
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    totp_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The time step of the last code accepted: no code is good twice."""
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(sa.JSON(none_as_null=True))  # the library takes used ones out
    )
    only_chosen_cases: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether they reach those cases alone that `OrganiserCase` names."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Organiser {self.id}>"


class OrganiserRole(Model):
    """One role of one organiser."""

    __tablename__ = "organiser_role"

    organiser_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(choice(Role, "role"), primary_key=True)


class OrganiserCase(Model):
    """One of the cases that an organiser is limited to."""

    __tablename__ = "organiser_case"

    organiser_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True
    )
    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OrganiserSession(Model):
    """One sign-in of an organiser in one browser, until it ends. Holds no network address."""

    __tablename__ = "organiser_session"
    __table_args__ = (sa.UniqueConstraint("key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="CASCADE"), index=True
    )
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    browser: Mapped[str] = mapped_column(sa.String(60), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<OrganiserSession {self.id}>"


class Letterhead(Model):
    """A picture that letters were frozen with; kept as long as a bundle needs it."""

    __tablename__ = "letterhead"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
