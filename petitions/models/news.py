"""News to signers: what is told, in each language, and how far it has gone out."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import Language, Line, UtcDateTime, choice


class NewsState(enum.StrEnum):
    """Where news is: `done` is all queued, `stopped` for good, with its page taken down."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


class News(Model):
    """One piece of news about a petition to those of its signers who asked for news.

    Signatures up to `cursor` have their mail in the outbox; those beyond `last_seen` signed after
    the sending had begun. `fed_at` is the moment up to which the pace is used up. Of a sealed case
    it is sent by a process of its own, which keeps a lease.
    """

    __tablename__ = "news"
    __table_args__ = (
        sa.CheckConstraint("per_hour > 0", name="pace_is_positive"),
        sa.CheckConstraint("(state = 'draft') = (started_at IS NULL)", name="started_is_known"),
        sa.CheckConstraint(
            "(state IN ('done', 'stopped')) = (finished_at IS NOT NULL)", name="finished_is_known"
        ),
        {"sqlite_autoincrement": True},  # tokens name a row's number: it never comes back
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    state: Mapped[NewsState] = mapped_column(choice(NewsState, "state"), default=NewsState.DRAFT)
    fallback_language: Mapped[str | None] = mapped_column(Language)
    """The text for signers whose language has none; None: those get no mail."""
    per_hour: Mapped[int]
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    started_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    cursor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    fed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_because: Mapped[str | None] = mapped_column(sa.String(24))
    claimed_by: Mapped[str | None] = mapped_column(sa.String(40))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<News {self.id}>"


class NewsText(Model):
    """What news says, in one language (Markdown)."""

    __tablename__ = "news_text"

    news_id: Mapped[int] = mapped_column(
        sa.ForeignKey("news.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Language, primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    text: Mapped[str] = mapped_column(sa.Text, default="")
