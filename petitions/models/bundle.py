"""Bundles, deliveries, replies: what was prepared for whom, how it was handed over and answered."""

import enum
from datetime import date, datetime
from typing import Any

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
        sa.CheckConstraint(
            "supersedes_id IS NULL OR continues_id IS NULL", name="supersedes_or_continues"
        ),
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
    continues_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bundle.id"))
    """The bundle since which came what is in this one, and that stays good beside it."""
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    named: Mapped[int]
    initials: Mapped[int]
    counted: Mapped[int]
    eligible: Mapped[int]
    attested: Mapped[int] = mapped_column(default=0)
    paper: Mapped[int] = mapped_column(default=0)
    partners: Mapped[int] = mapped_column(default=0, server_default="0")
    appeals: Mapped[int] = mapped_column(default=0)
    letter: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """The letter as frozen; None in bundles of before it was kept."""


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
    previous: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    """The bundle before, and its tag manifest's hash, as bag-info.txt cites it; "" for none."""
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
    """Sealed: a picture or a PDF."""
    receipt_type: Mapped[str | None] = mapped_column(sa.String(40))
    delegation: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Who goes there, one on a line. For the organisation alone."""
    contact: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Whom at the office to ask for, and how to reach them. For the organisation alone."""
    deliverer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    """The organiser who sees to it, and is reminded."""
    incoming_number: Mapped[str] = mapped_column(Line, default="", server_default="")
    """Under which number the office entered it."""
    reply_due_on: Mapped[date | None]
    reply_reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    follow_up_on: Mapped[date | None]
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    follow_up_reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
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
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BuildState(enum.StrEnum):
    """Where the building of bundles is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BundleBuild(Model):
    """Work asked for by an organiser: freeze bundles, or write the file of one again."""

    __tablename__ = "bundle_build"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_at_is_known"
        ),
        sa.Index(
            "ix_bundle_build_open",
            "requested_at",
            sqlite_where=sa.text("state IN ('waiting', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    official_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """For whom to freeze; already frozen ones are struck off as the work goes on."""
    bundle_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Bundles whose file is to be written, or was."""
    language: Mapped[str | None] = mapped_column(Language)
    since_last: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether only what came since each official's last bundle is frozen."""
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[BuildState] = mapped_column(choice(BuildState, "state"))
    claimed_by: Mapped[str | None] = mapped_column(sa.String(40))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    messages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    """What was left out or refused, in plain words that name nobody."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Of a sealed case: done by whoever was handed its key, once, and by no worker."""


class BuildAgreement(Model):
    """Bundles of a sealed case that an organiser asked for and another one agreed to, or not."""

    __tablename__ = "build_agreement"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'withdrawn')", name="state_is_known"
        ),
        sa.CheckConstraint(
            "(state IN ('agreed', 'declined')) = (answered_by IS NOT NULL)",
            name="answered_by_is_known",
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> asked_by", name="another_one_answers"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(sa.ForeignKey("petition.id"), index=True)
    official_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    bundle_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    language: Mapped[str | None] = mapped_column(Language)
    since_last: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    state: Mapped[str] = mapped_column(sa.String(12))
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    build_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bundle_build.id"))
    """The last build that was begun with it."""


class BundleFile(Model):
    """A written zip that waits to be downloaded; removed from the disk when its time is over.

    Of a sealed build it is locked; the key lies in the browser of whoever began it, not here.
    """

    __tablename__ = "bundle_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    build_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle_build.id"), index=True)
    bundle_id: Mapped[int] = mapped_column(sa.ForeignKey("bundle.id"), index=True)
    file_name: Mapped[str] = mapped_column(Line)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Model):
    """One thing that was done, chained to the one before by a salted hash."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("previous_hash"),
        sa.UniqueConstraint("hash"),
        sa.Index("ix_audit_entry_subject", "subject", "id"),
        sa.Index("ix_audit_entry_actor", "actor", "id"),
    )

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
