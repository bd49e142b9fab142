"""Officials and embassies: who can be addressed, how, and for which countries."""

import enum
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language, Line, Slug, choice


class OfficialKind(enum.StrEnum):
    """What an official is. The last three represent a state in other countries."""

    OFFICE = "office"
    EMBASSY = "embassy"
    CONSULATE = "consulate"
    MISSION = "mission"


class ContactKind(enum.StrEnum):
    """A way to reach an official."""

    EMAIL = "email"
    FAX = "fax"
    PHONE = "phone"
    WEB = "web"


class Official(Model):
    """A person in an office, or an office, that can be addressed."""

    __tablename__ = "official"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint("(kind = 'office') = (represents IS NULL)", name="embassy_represents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Slug)
    kind: Mapped[OfficialKind] = mapped_column(
        choice(OfficialKind, "kind"), default=OfficialKind.OFFICE
    )
    country: Mapped[str | None] = mapped_column(Country)
    represents: Mapped[str | None] = mapped_column(Country, index=True)
    postal_lines: Mapped[str] = mapped_column(sa.Text, default="")
    source_language: Mapped[str] = mapped_column(Language)
    preferred_language: Mapped[str | None] = mapped_column(Language)
    submission_notes: Mapped[str] = mapped_column(sa.Text, default="")
    one_side_only: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether it takes paper that is printed on one side alone."""
    case_number_on_pages: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether it wants the case's number on each page."""
    never_names: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Gets letter and numbers, whatever a petition says: a mechanism of the United Nations."""
    checked_on: Mapped[date | None]


class OfficialText(Model):
    """How an official is named and addressed in one language: free text, never put together."""

    __tablename__ = "official_text"

    official_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    name: Mapped[str] = mapped_column(Line, default="")
    office: Mapped[str] = mapped_column(Line)
    organisation: Mapped[str] = mapped_column(Line, default="")
    salutation: Mapped[str] = mapped_column(Line, default="")
    form_of_address: Mapped[str] = mapped_column(Line, default="")


class OfficialContact(Model):
    """One e-mail address, fax, phone or web form of an official, as written."""

    __tablename__ = "official_contact"

    official_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[ContactKind] = mapped_column(choice(ContactKind, "kind"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(Line)


class Accreditation(Model):
    """A country that an embassy is accredited to."""

    __tablename__ = "accreditation"

    official_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True
    )
    country: Mapped[str] = mapped_column(Country, primary_key=True, index=True)


class OfficialApart(Model):
    """Two officials that are alike and two all the same, as somebody said who looked at them."""

    __tablename__ = "official_apart"
    __table_args__ = (sa.CheckConstraint("first_id < second_id", name="in_order"),)

    first_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True
    )
    second_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class FormerHolder(Model):
    """Who held an office before, as named in the language of the paper, and until when."""

    __tablename__ = "former_holder"

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(
        sa.ForeignKey("official.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Line)
    until_on: Mapped[date]
