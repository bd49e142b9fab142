"""Signatures, and what is counted beside them: appeals, paper and partner numbers.

Names, initials and places are sealed before they come here; no row can be read without the vault.
"""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.types import BigId, Country, Language, Line, UtcDateTime, choice


class SignatureState(enum.StrEnum):
    """Where a signature is in its life; the moves allowed are in `domain.signing`."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set aside"
    EXPIRED = "expired"


class Appearance(enum.StrEnum):
    """What officials may see of a signature, from most to least."""

    FULL = "full"
    INITIALS = "initials"
    COUNTED = "counted"

    def shows_no_more_than(self, other: "Appearance") -> bool:
        """Whether this lets officials see at most what `other` does."""
        ranks = list(Appearance)
        return ranks.index(self) >= ranks.index(other)


class Verification(enum.StrEnum):
    """How a signature was confirmed."""

    EMAIL = "e-mail"
    ATTESTED = "attested"


ACTIVE = (SignatureState.PENDING, SignatureState.CONFIRMED, SignatureState.SET_ASIDE)
"""States in which an address holds its one signature on a petition."""
WIPED = b""
"""What stands for a person whose time is over, in the row of a signature that still counts."""
ACTIVE_SQL = "state IN ('pending', 'confirmed', 'set aside')"


class CaseKey(Model):
    """The public half of a case's key pair; the private half lies in the key ring under `ref`."""

    __tablename__ = "case_key"
    __table_args__ = (
        sa.UniqueConstraint("ref"),
        sa.CheckConstraint("mode IN ('server', 'sealed')", name="mode_is_known"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    mode: Mapped[str] = mapped_column(sa.String(10), default="server")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DataKey(Model):
    """A key that sealed rows for at most an hour, itself sealed to the case's public key."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case_key.case_id"), index=True)
    sealed_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Signature(Model):
    """One signer on one petition."""

    __tablename__ = "signature"
    __table_args__ = (
        sa.Index(
            "uq_signature_active_address",
            "petition_id",
            "lookup",
            unique=True,
            sqlite_where=sa.text(ACTIVE_SQL),
            postgresql_where=sa.text(ACTIVE_SQL),
        ),
        sa.Index(
            "ix_signature_confirmed",
            "petition_id",
            "country",
            "order_number",
            sqlite_where=sa.text("state = 'confirmed'"),
            postgresql_where=sa.text("state = 'confirmed'"),
        ),
        sa.Index(
            "ix_signature_pending",
            "created_at",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index("ix_signature_state", "petition_id", "state", "id"),
        # What happened by hour and by day is counted from these alone.
        sa.Index("ix_signature_created", "petition_id", "created_at"),
        sa.Index(
            "ix_signature_confirmed_at",
            "petition_id",
            "confirmed_at",
            "verified_by",
            sqlite_where=sa.text("confirmed_at IS NOT NULL"),
            postgresql_where=sa.text("confirmed_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_signature_withdrawn_at",
            "petition_id",
            "withdrawn_at",
            sqlite_where=sa.text("withdrawn_at IS NOT NULL"),
            postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_signature_set_aside_at",
            "petition_id",
            "set_aside_at",
            sqlite_where=sa.text("set_aside_at IS NOT NULL"),
            postgresql_where=sa.text("set_aside_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_signature_attested",
            "petition_id",
            "state",
            sqlite_where=sa.text("verified_by = 'attested'"),
            postgresql_where=sa.text("verified_by = 'attested'"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_at_is_known"
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_is_known"
        ),
        sa.CheckConstraint(
            "(state = 'set aside') = (set_aside_reason IS NOT NULL)", name="set_aside_has_reason"
        ),
        sa.CheckConstraint(
            "(verified_by = 'attested') = (attested_by IS NOT NULL)", name="attested_by_is_known"
        ),
        sa.CheckConstraint(
            f"NOT ({ACTIVE_SQL}) OR lookup IS NOT NULL", name="active_has_look_up_key"
        ),
        sa.CheckConstraint(
            f"NOT ({ACTIVE_SQL}) OR person_sealed IS NOT NULL", name="active_is_sealed"
        ),
        sa.CheckConstraint(
            "state = 'pending' OR news OR address_sealed IS NULL", name="address_gone_after_confirm"
        ),
        {"sqlite_autoincrement": True},  # a deleted row's number never comes back: tokens name it
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    state: Mapped[SignatureState] = mapped_column(choice(SignatureState, "state"))
    appearance: Mapped[Appearance] = mapped_column(choice(Appearance, "appearance"))
    country: Mapped[str] = mapped_column(Country)
    order_number: Mapped[int] = mapped_column(sa.BigInteger)
    language: Mapped[str] = mapped_column(Language)
    text_version_id: Mapped[int] = mapped_column(sa.ForeignKey("text_version.id"))
    consent_version_id: Mapped[int] = mapped_column(sa.ForeignKey("consent_version.id"))
    late: Mapped[bool] = mapped_column(default=False)
    news: Mapped[bool] = mapped_column(default=False)
    verified_by: Mapped[Verification] = mapped_column(
        choice(Verification, "verified_by"), default=Verification.EMAIL
    )
    lookup: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    data_key_id: Mapped[int | None] = mapped_column(sa.ForeignKey("data_key.id"))
    person_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    news_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When news ended that had been agreed to and confirmed; None where it goes on or never did."""
    set_aside_reason: Mapped[str | None] = mapped_column(sa.Text)
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shares_mailbox: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether it was the second from one mailbox; with which other one, is not kept."""
    attested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))

    @property
    def holds_person(self) -> bool:
        """Whether anything of the person is kept. A signature that counts keeps an empty seal."""
        return bool(self.person_sealed)

    @classmethod
    def is_wiped(cls) -> sa.ColumnElement[bool]:
        """The condition of rows in which nothing of the person is kept."""
        return sa.or_(cls.person_sealed.is_(None), cls.person_sealed == WIPED)

    def __repr__(self) -> str:
        return f"<Signature {self.id}>"


class ExpiredCount(Model):
    """How many signatures of a petition were never confirmed and were deleted, by day."""

    __tablename__ = "expired_count"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]


class ExpiredLately(Model):
    """The same by quarter of an hour (hours of all zones begin at one), for three days."""

    __tablename__ = "expired_lately"

    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), primary_key=True)
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    number: Mapped[int]


class Appeal(Model):
    """A letter that a signer says they sent: reported, not verified. Its text is not kept."""

    __tablename__ = "appeal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("official.id"), index=True)
    channel: Mapped[str] = mapped_column(sa.String(24))
    language: Mapped[str] = mapped_column(Language)
    reported_on: Mapped[date]


class PaperSignatures(Model):
    """Signatures collected on paper, or by a partner organisation, with their provenance.

    A scan shows names: it is sealed to the case, and wiped when the time of its names is over.
    """

    __tablename__ = "paper_signatures"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number_is_positive"),
        sa.CheckConstraint("source IN ('paper', 'partner')", name="source_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    source: Mapped[str] = mapped_column(sa.String(10))
    country: Mapped[str | None] = mapped_column(Country)
    number: Mapped[int]
    collected_on: Mapped[date | None]
    provenance: Mapped[str] = mapped_column(Line)
    how_checked: Mapped[str] = mapped_column(sa.Text, default="")
    entered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    scan_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    scan_type: Mapped[str | None] = mapped_column(sa.String(40))
    scan_key_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    """No reference: where the case's keys are destroyed, this row keeps nothing alive."""


class HeldQuestion(Model):
    """A signer of a sealed case who asks what is held: answered by whoever unlocks it.

    `reach_sealed` says how they can be reached: sealed to the case, wiped with the answer.
    """

    __tablename__ = "held_question"
    __table_args__ = (
        sa.CheckConstraint(
            "answered_at IS NULL OR reach_sealed IS NULL", name="reach_gone_after_answer"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    signature_id: Mapped[int] = mapped_column(
        sa.ForeignKey("signature.id", ondelete="CASCADE"), unique=True
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reach_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    data_key_id: Mapped[int] = mapped_column(sa.BigInteger)
    """No reference: where the case's keys are destroyed, this row keeps nothing alive."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))

    def __repr__(self) -> str:
        return f"<HeldQuestion {self.id} about signature {self.signature_id}>"
