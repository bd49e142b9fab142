"""Petitions: state and deadline, versions of text and consent, asks, addressees."""

import enum
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Country, Language, Line, Slug, UtcDateTime, choice


class PetitionState(enum.StrEnum):
    """Where a petition is in its life; the moves allowed are in `domain.petitions`."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    STOPPED = "stopped"
    ARCHIVED = "archived"


class AfterDeadline(enum.StrEnum):
    """What happens after the last day."""

    CLOSE = "close"
    MARK_LATE = "mark late"
    ASK_FIRST = "ask first"


class Part(enum.StrEnum):
    """An addressee's part in a petition."""

    TO = "to"
    COPY = "copy"


_LAST = date(9998, 12, 31)


def day_after(day: date) -> date:
    """Return the next day. It never leaves the calendar, whatever somebody typed as a last day."""
    return min(day, _LAST) + timedelta(days=1)


class Deadlines:
    """What follows from a state, a last day and its time zone; whoever derives from it has them."""

    __slots__ = ()
    if TYPE_CHECKING:
        state: Any
        time_zone: Any
        deadline_on: Any
        after_deadline: Any

    def deadline_at(self) -> datetime | None:
        """The first moment after the last day, in the case's time zone."""
        if self.deadline_on is None:
            return None
        return self.end_of(self.deadline_on)

    def end_of(self, day: date) -> datetime:
        """The first moment after a day, in the case's time zone."""
        next_day = day_after(day)
        zone = ZoneInfo(self.time_zone)
        return datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)

    def is_past(self, now: datetime) -> bool:
        """Whether the last day is over."""
        deadline = self.deadline_at()
        return deadline is not None and now >= deadline

    def takes_signatures(self, now: datetime) -> bool:
        """Whether the form is offered and accepted now."""
        closing = self.after_deadline is AfterDeadline.CLOSE
        return self.state is PetitionState.OPEN and not (closing and self.is_past(now))


class Petition(Deadlines, Model):
    """An action of a case. No count lives here: the row is never written while people sign."""

    __tablename__ = "petition"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint("goal IS NULL OR goal > 0", name="goal_is_positive"),
        sa.CheckConstraint(
            "state IN ('draft') OR published_at IS NOT NULL", name="published_at_is_known"
        ),
        sa.CheckConstraint(
            "state <> 'stopped' OR stop_reason IS NOT NULL", name="stopped_with_a_reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    slug: Mapped[str] = mapped_column(Slug)
    state: Mapped[PetitionState] = mapped_column(
        choice(PetitionState, "state"), default=PetitionState.DRAFT
    )
    goal: Mapped[int | None]
    time_zone: Mapped[str] = mapped_column(sa.String(60), default="UTC")
    deadline_on: Mapped[date | None]
    after_deadline: Mapped[AfterDeadline] = mapped_column(
        choice(AfterDeadline, "after_deadline"), default=AfterDeadline.CLOSE
    )
    publish_proof: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_reason: Mapped[str | None] = mapped_column(sa.Text)


def _one_draft(table: str) -> sa.Index:
    """Two people who begin to change a published text at once share one draft."""
    drafts = sa.text("published_at IS NULL")
    return sa.Index(
        f"uq_{table}_draft",
        "petition_id",
        unique=True,
        sqlite_where=drafts,
        postgresql_where=drafts,
    )


class LetterLanguage(Model):
    """A language that letters to the officials may be in; 'own' is the signer's."""

    __tablename__ = "letter_language"

    petition_id: Mapped[int] = mapped_column(
        sa.ForeignKey("petition.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    position: Mapped[int]


class Addressee(Model):
    """An official's part in a petition, or the rule 'embassies of X in the signer's country'."""

    __tablename__ = "addressee"
    __table_args__ = (
        sa.UniqueConstraint("petition_id", "official_id"),
        sa.UniqueConstraint("petition_id", "embassies_of"),
        sa.CheckConstraint(
            "(official_id IS NULL) <> (embassies_of IS NULL)", name="official_or_rule"
        ),
        sa.CheckConstraint(
            "NOT names_go OR part = 'to' OR names_reason IS NOT NULL",
            name="names_to_copies_need_a_reason",
        ),
        sa.CheckConstraint("embassies_of IS NULL OR part = 'copy'", name="embassies_are_copies"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    position: Mapped[int]
    part: Mapped[Part] = mapped_column(choice(Part, "part"))
    official_id: Mapped[int | None] = mapped_column(sa.ForeignKey("official.id"), index=True)
    embassies_of: Mapped[str | None] = mapped_column(Country)
    names_go: Mapped[bool]
    names_reason: Mapped[str | None] = mapped_column(sa.Text)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Taken off a published petition: gets no further bundle, and readers do not see it."""


class TextVersion(Model):
    """One version of what is signed. Never changed once it is published."""

    __tablename__ = "text_version"
    __table_args__ = (
        sa.UniqueConstraint("petition_id", "number"),
        _one_draft("text_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None while it is a draft, of which a petition has at most one."""
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Ids of the organisers who wrote it."""


class PetitionText(Model):
    """A version of the text in one language: for readers and for the letter (plain paragraphs)."""

    __tablename__ = "petition_text"

    text_version_id: Mapped[int] = mapped_column(sa.ForeignKey("text_version.id"), primary_key=True)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    text: Mapped[str] = mapped_column(sa.Text)
    letter_subject: Mapped[str] = mapped_column(Line)
    letter_opening: Mapped[str] = mapped_column(sa.Text)
    letter_closing: Mapped[str] = mapped_column(Line)
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
    """What each field of a translation was made from, as short hashes (`domain.translations`)."""


class Ask(Model):
    """One demand of a text version, aimed at a state."""

    __tablename__ = "ask"
    __table_args__ = (sa.UniqueConstraint("text_version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text_version_id: Mapped[int] = mapped_column(sa.ForeignKey("text_version.id"))
    position: Mapped[int]
    country: Mapped[str] = mapped_column(Country)


class AskText(Model):
    """An ask in two voices, in one language."""

    __tablename__ = "ask_text"

    ask_id: Mapped[int] = mapped_column(sa.ForeignKey("ask.id"), primary_key=True)
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    for_readers: Mapped[str] = mapped_column(sa.Text)
    for_letter: Mapped[str] = mapped_column(sa.Text)
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)


class AskAddressee(Model):
    """An addressee that an ask is aimed at."""

    __tablename__ = "ask_addressee"

    ask_id: Mapped[int] = mapped_column(sa.ForeignKey("ask.id"), primary_key=True)
    addressee_id: Mapped[int] = mapped_column(
        sa.ForeignKey("addressee.id"), primary_key=True, index=True
    )


class ConsentVersion(Model):
    """One version of what signers agree to. Never changed once it is published."""

    __tablename__ = "consent_version"
    __table_args__ = (
        sa.UniqueConstraint("petition_id", "number"),
        _one_draft("consent_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None while it is a draft, of which a petition has at most one."""
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Ids of the organisers who wrote it."""


class ConsentText(Model):
    """The risk told, the consent asked, and the one for news, in one language."""

    __tablename__ = "consent_text"

    consent_version_id: Mapped[int] = mapped_column(
        sa.ForeignKey("consent_version.id"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    risk: Mapped[str] = mapped_column(sa.Text)
    consent: Mapped[str] = mapped_column(sa.Text)
    news: Mapped[str] = mapped_column(sa.Text)
    made_from: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)


class ConsentOffice(Model):
    """An addressee that a consent named; only those may be handed the signature."""

    __tablename__ = "consent_office"

    consent_version_id: Mapped[int] = mapped_column(
        sa.ForeignKey("consent_version.id"), primary_key=True
    )
    addressee_id: Mapped[int] = mapped_column(
        sa.ForeignKey("addressee.id"), primary_key=True, index=True
    )
    names_go: Mapped[bool]
    office: Mapped[str] = mapped_column(sa.Text, default="")
    """The office in its source language, as signers read it. Empty for the rule for embassies, and
    where the consent is older than this column."""
