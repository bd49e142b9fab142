"""The case: people at risk, what is told of them, permission, pictures, the chain of updates."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language, Line, Slug, UtcDateTime, choice


class PersonStatus(enum.StrEnum):
    """What is known of a person."""

    DETAINED = "detained"
    MISSING = "missing"
    RETURNED = "returned"
    RELEASED = "released"
    DEAD = "dead"
    UNKNOWN = "unknown"


class PermissionGiver(enum.StrEnum):
    """Who allowed publication."""

    PERSON = "person"
    FAMILY = "family"
    LAWYER = "lawyer"
    NOBODY = "nobody"


class UpdateKind(enum.StrEnum):
    """What a link in the case's chain is."""

    INITIAL = "initial"
    FURTHER = "further"
    CORRECTION = "correction"
    STOP = "stop"
    OUTCOME = "outcome"


class Case(Model):
    """A person or group at risk."""

    __tablename__ = "case"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL)", name="hidden_with_a_reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Slug)
    number: Mapped[str | None] = mapped_column(sa.String(40))
    country_of_events: Mapped[str | None] = mapped_column(Country)
    time_zone: Mapped[str] = mapped_column(sa.String(60), default="UTC")
    source_language: Mapped[str] = mapped_column(Language)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hidden_reason: Mapped[str | None] = mapped_column(sa.Text)


class CaseText(Model):
    """What is told about a case, in one language. Story and background are Markdown."""

    __tablename__ = "case_text"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    standfirst: Mapped[str] = mapped_column(sa.Text, default="")
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    story: Mapped[str] = mapped_column(sa.Text, default="")
    narrator: Mapped[str] = mapped_column(Line, default="")
    background: Mapped[str] = mapped_column(sa.Text, default="")
    content_note: Mapped[str] = mapped_column(sa.Text, default="")
    call_to_act: Mapped[str] = mapped_column(sa.Text, default="")
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Ids of the organisers who wrote it, since they may not be allowed to publish it alone."""
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
    """What each field of a translation was made from, as short hashes (`domain.translations`)."""


class CaseDraft(Model):
    """Changes to the text of a published case that wait to be published, in one language.

    `words` holds the fields of `CaseText` and `statements`, a list of text and attribution.
    """

    __tablename__ = "case_draft"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    words: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PulledStatement(Model):
    """A sentence set large beside the story, with the one who said it."""

    __tablename__ = "pulled_statement"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["case_id", "language"], ["case_text.case_id", "case_text.language"], ondelete="CASCADE"
        ),
    )

    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.Text)
    attribution: Mapped[str] = mapped_column(Line)


class Person(Model):
    """A person at risk. What is not known stays empty."""

    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.CheckConstraint("age IS NULL OR age BETWEEN 0 AND 130", name="age_is_plausible"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Line)
    gender: Mapped[str | None] = mapped_column(sa.String(20))
    age: Mapped[int | None]
    status: Mapped[PersonStatus] = mapped_column(
        choice(PersonStatus, "status"), default=PersonStatus.UNKNOWN
    )
    status_as_of: Mapped[date | None]
    status_since: Mapped[str | None] = mapped_column(sa.String(10))
    """Since when it is so: '2014', '2014-06' or '2014-06-03', whatever is known."""
    believed_held: Mapped[str] = mapped_column(Line, default="")
    """In the case's source language; in others: `PersonText`."""

    def __repr__(self) -> str:
        return f"<Person {self.id}>"


class PersonName(Model):
    """Another spelling of a person's name, or the name in another script."""

    __tablename__ = "person_name"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Line)
    language: Mapped[str | None] = mapped_column(Language)


class PersonText(Model):
    """What is told of a person, in another language than the case's own."""

    __tablename__ = "person_text"
    __table_args__ = (sa.CheckConstraint("believed_held <> ''", name="says_something"),)

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    believed_held: Mapped[str] = mapped_column(Line)


class AddressedState(Model):
    """A state that the case is addressed to."""

    __tablename__ = "addressed_state"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    country: Mapped[str] = mapped_column(Country, primary_key=True)


class Permission(Model):
    """Who allowed publication, of what, and until when that is to be asked again."""

    __tablename__ = "permission"
    __table_args__ = (
        sa.CheckConstraint(
            "given_by <> 'nobody' OR reason IS NOT NULL", name="nobody_asked_needs_reason"
        ),
        sa.CheckConstraint(
            "second_id IS NULL OR recorded_by_id IS NULL OR second_id <> recorded_by_id",
            name="second_is_another",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), index=True)
    given_by: Mapped[PermissionGiver] = mapped_column(choice(PermissionGiver, "given_by"))
    covers_name: Mapped[bool]
    covers_picture: Mapped[bool]
    covers_place: Mapped[bool]
    covers_story: Mapped[bool]
    given_on: Mapped[date]
    review_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    recorded_by: Mapped[str] = mapped_column(Line)
    """Name of the organiser who wrote it down."""
    second_organiser: Mapped[str | None] = mapped_column(Line)
    """Name of the one who agreed where nobody could be asked; publishing waits for it."""
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    second_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))


class Picture(Model):
    """A re-encoded picture of a case, without metadata."""

    __tablename__ = "picture"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.CheckConstraint("width > 0 AND height > 0", name="has_size"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    position: Mapped[int]
    media_type: Mapped[str] = mapped_column(sa.String(40))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    credit: Mapped[str] = mapped_column(Line)


class PictureText(Model):
    """Alternative text and caption of a picture, in one language."""

    __tablename__ = "picture_text"
    __table_args__ = (sa.CheckConstraint("alt <> ''", name="has_alt_text"),)

    picture_id: Mapped[int] = mapped_column(
        sa.ForeignKey("picture.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    alt: Mapped[str] = mapped_column(sa.Text)
    caption: Mapped[str] = mapped_column(sa.Text, default="")
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)


class CaseUpdate(Model):
    """A dated link in the case's chain."""

    __tablename__ = "case_update"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.CheckConstraint("(kind = 'further') = (number IS NOT NULL)", name="further_is_numbered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[UpdateKind] = mapped_column(choice(UpdateKind, "kind"))
    number: Mapped[int | None]
    index_number: Mapped[str | None] = mapped_column(sa.String(60))
    issued_on: Mapped[date | None]
    new_deadline_on: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Readers see an update from then on; None while it is a draft."""
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)


class UpdateText(Model):
    """What an update says, in one language (Markdown)."""

    __tablename__ = "update_text"

    update_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case_update.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)


class CaseTextVersion(Model):
    """What readers saw of a case's text, or of one of its updates, in one language; never changed.

    `words` holds the fields of the form. The newest says what readers see now.
    """

    __tablename__ = "case_text_version"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "update_id", "language", "number"),
        sa.Index(
            "uq_case_text_version_of_case",
            "case_id",
            "language",
            "number",
            unique=True,
            sqlite_where=sa.text("update_id IS NULL"),
            postgresql_where=sa.text("update_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    update_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("case_update.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[str] = mapped_column(Language)
    number: Mapped[int]
    words: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
