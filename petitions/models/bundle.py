"""Bundles, deliveries, replies: what was prepared for whom, how it was handed over and answered."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from petitions.extensions import Model
from petitions.models.signature import Appearance
from petitions.models.types import BigId, Language, Line, UtcDateTime, choice


class DeliveryState(enum.StrEnum):
    """Where a delivery is."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DONE = "done"


class Channel(enum.StrEnum):
    """How a bundle is handed over."""

    MEETING = "meeting"
    POST = "post"
    FAX = "fax"
    EMAIL = "e-mail"


class DeliveryOutcome(enum.StrEnum):
    """What a delivery came to."""

    MET = "met"
    ACCEPTED = "accepted"
    ACCEPTED_WITHOUT_MEETING = "accepted without meeting"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    POSTED = "posted"
    FAXED = "faxed"
    EMAILED = "e-mailed"
    RETURNED = "returned"
    UNKNOWN = "unknown"


class Bundle(Model):
    """The frozen, numbered set of signatures prepared for one official. Never changed."""

    __tablename__ = "bundle"
    __table_args__ = (
        sa.UniqueConstraint("petition_id", "number"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("eligible = named + initials + counted", name="numbers_add_up"),
        sa.CheckConstraint("eligible > 0", name="is_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(100))
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"))
    number: Mapped[int]
    addressee_id: Mapped[int] = mapped_column(sa.ForeignKey("addressee.id"), index=True)
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("official.id"), index=True)
    text_version_id: Mapped[int] = mapped_column(sa.ForeignKey("text_version.id"))
    language: Mapped[str] = mapped_column(Language)
    names_go: Mapped[bool]
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bundle.id"))
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    named: Mapped[int]
    initials: Mapped[int]
    counted: Mapped[int]
    eligible: Mapped[int]
    attested: Mapped[int] = mapped_column(default=0)
    paper: Mapped[int] = mapped_column(default=0)
    appeals: Mapped[int] = mapped_column(default=0)


class BundleSignature(Model):
    """A signature as it stands in a bundle: how it appears, and on which line (counted: none)."""

    __tablename__ = "bundle_signature"
    __table_args__ = (
        sa.UniqueConstraint("bundle_id", "line"),
        sa.CheckConstraint("(appearance = 'counted') = (line IS NULL)", name="counted_has_no_line"),
    )

    bundle_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle.id"), primary_key=True)
    signature_id: Mapped[int] = mapped_column(
        sa.ForeignKey("signature.id"), primary_key=True, index=True
    )
    appearance: Mapped[Appearance] = mapped_column(choice(Appearance, "appearance"))
    line: Mapped[int | None]


class BundleProof(Model):
    """What proves a bundle that was written: manifests, signature, commitments, and its nonce."""

    __tablename__ = "bundle_proof"

    bundle_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle.id"), primary_key=True)
    tag_manifest: Mapped[str] = mapped_column(sa.Text)
    tag_manifest_sha256: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.Text)
    commitments: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    nonce_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    data_key_id: Mapped[int] = mapped_column(sa.ForeignKey("data_key.id"))
    transliterated: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Model):
    """One attempt to hand over a bundle."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_has_outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bundle_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "state"))
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(Line, default="")
    handed_over_by: Mapped[str] = mapped_column(Line, default="")
    outcome: Mapped[DeliveryOutcome | None] = mapped_column(choice(DeliveryOutcome, "outcome"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    receipt: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    receipt_type: Mapped[str | None] = mapped_column(sa.String(40))
    follow_up_on: Mapped[date | None]
    public: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reply(Model):
    """What an official answered."""

    __tablename__ = "reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("official.id"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"), index=True)
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(Line, default="")
    language: Mapped[str] = mapped_column(Language)
    text: Mapped[str] = mapped_column(sa.Text)
    translation: Mapped[str] = mapped_column(sa.Text, default="")
    public: Mapped[bool] = mapped_column(default=False)


class AuditEntry(Model):
    """One thing that was done, chained to the one before by a salted hash."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.UniqueConstraint("previous_hash"), sa.UniqueConstraint("hash"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(80))
    detail: Mapped[str] = mapped_column(sa.Text)
    reason_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
