"""Mail: what waits to be sent, what one address may be sent, and addresses that want none."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import BigId, Language, UtcDateTime, choice


class MailKind(enum.StrEnum):
    """What a mail is for; what it says is decided when it is sent."""

    SIGNING = "signing"
    REMINDER = "reminder"
    MY_SIGNATURE = "my signature"
    NEWS = "news"
    PASSWORD_RESET = "password reset"  # noqa: S105  # nosec B105  # a kind of mail
    INVITATION = "invitation"
    SECURITY_NOTICE = "security notice"
    REPLY_DUE = "reply due"
    SCHEDULE_STOPPED = "schedule stopped"


class MailState(enum.StrEnum):
    """Where a mail is: waiting, or final in one of four ways."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"


class Mail(Model):
    """One mail to one address. The address is sealed under the mail key and wiped when final."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.UniqueConstraint("message_id"),
        # The numbers of a petition's mails are counted from this alone.
        sa.Index("ix_mail_standing", "petition_id", "kind", "state", "outcome", "budgeted"),
        sa.Index(
            "ix_mail_waiting",
            "not_before",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "uq_mail_news_once",
            "news_id",
            "signature_id",
            unique=True,
            sqlite_where=sa.text("news_id IS NOT NULL"),
            postgresql_where=sa.text("news_id IS NOT NULL"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (address_sealed IS NOT NULL)", name="address_only_while_waiting"
        ),
        sa.CheckConstraint("(state = 'waiting') = (final_at IS NULL)", name="final_at_is_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[MailKind] = mapped_column(choice(MailKind, "kind"))
    state: Mapped[MailState] = mapped_column(choice(MailState, "state"))
    petition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("petition.id"))
    signature_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("signature.id", ondelete="SET NULL"), index=True
    )
    organiser_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organiser.id", ondelete="SET NULL"), index=True
    )
    news_id: Mapped[int | None] = mapped_column(sa.ForeignKey("news.id"))
    """The news that it tells of: once to each signature."""
    language: Mapped[str] = mapped_column(Language)
    address_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    message_id: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(sa.String(40))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(sa.String(60))
    held: Mapped[str | None] = mapped_column(sa.String(24))
    """Why it is not to go before `not_before`, where that is later than it was queued."""
    budgeted: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """Whether its address's budgets have counted it; a reminder's do when it becomes due."""
    paced: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether the hourly limits have let it through: they count it once, however often tried."""
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Mail {self.id}>"


class ReturnPath(Model):
    """Where a mail that was handed over may come back to, for a week.

    The id in the envelope is known by its hash alone, and what is sealed here opens with that id
    alone: the suppression key of the mail's address, empty for an organiser's.
    """

    __tablename__ = "return_path"

    id_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("mail.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"<ReturnPath of mail {self.mail_id}>"


class DayKey(Model):
    """The random key of one day, wrapped under the vault's; deleted after 48 hours."""

    __tablename__ = "day_key"
    __table_args__ = (sa.UniqueConstraint("day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    wrapped_key: Mapped[bytes] = mapped_column(sa.LargeBinary)


class MailBudget(Model):
    """How often mail to one address (on one petition, or over all) was asked for on one day."""

    __tablename__ = "mail_budget"

    day_key_id: Mapped[int] = mapped_column(
        sa.ForeignKey("day_key.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    requested: Mapped[int]
    next_at: Mapped[int] = mapped_column(sa.BigInteger)
    """Earliest moment of the next mail: whole seconds since 1970, since both databases can add."""


class Suppression(Model):
    """An address, known by its keyed hash alone, that is not written to any more."""

    __tablename__ = "suppression"

    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(24))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
