"""A build of a sealed case: begun by whoever unlocked it, done by a process of its own, once.

No worker takes it over: none has the key. Where the process ends before it is done, the build is
interrupted, and may be begun again as long as what was agreed to is good.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from petitions.domain import audit, build_agreements, build_work, builds
from petitions.domain.site import Site
from petitions.domain.unlocking import Unlocked, note_unlocking, unlocked_site
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import BuildAgreement, BuildState, BundleBuild, Petition
from petitions.vault.files import new_file_key

STARTS_WITHIN = timedelta(seconds=60)
"""How long the process may take until it renews its lease for the first time."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What the process of one build is handed, through a pipe: never kept, never an argument."""

    build_id: int
    case_id: int
    custodian_id: int
    worker: str
    private_key: bytes = field(repr=False)
    file_key: bytes = field(repr=False)

    def line(self) -> bytes:
        """Return it as one line for the pipe."""
        numbers = [self.build_id, self.case_id, self.custodian_id, self.worker]
        return json.dumps([*numbers, self.private_key.hex(), self.file_key.hex()]).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> "Handover":
        """Invert `line`."""
        build_id, case_id, custodian_id, worker, private_key, file_key = json.loads(line)
        keys = bytes.fromhex(private_key), bytes.fromhex(file_key)
        return cls(build_id, case_id, custodian_id, worker, *keys)

    def site(self, site: Site) -> Site:
        """Return a site in which the case is open."""
        unlocked = Unlocked(self.case_id, self.custodian_id, self.private_key)
        return unlocked_site(site, unlocked)


def begin(
    agreement: BuildAgreement, unlocked: Unlocked, *, organiser_id: int, now: datetime
) -> tuple[BundleBuild, Handover | None]:
    """Begin a build; return it with what its process is to be handed.

    While another one of the petition is under way, that is returned, and nothing to hand over.
    What a build with the same agreement froze before it was interrupted is not frozen again. Raises
    Refused: "over" where the agreement is not good any more.
    """
    db.session.refresh(agreement, with_for_update=True)
    petition = db.session.get_one(Petition, agreement.petition_id)
    if unlocked.case_id != petition.case_id:
        raise ValueError("another case was unlocked")
    if not build_agreements.is_good(agreement, now):
        raise Refused("over")
    build_work.end_interrupted(petition.id, now)
    if under_way := builds.open_build_locked(petition.id):
        return under_way, None
    worker = f"unlocked-{secrets.token_hex(8)}"
    build = _running(agreement, worker, organiser_id, now)
    agreement.build_id = build.id
    actor, subject = builds.actor_of(build), builds.subject_of(build)
    note_unlocking(unlocked, subject, actor, now)
    detail = {
        "petition": petition.id,
        "agreement": agreement.id,
        "agreed_by": f"organiser {agreement.answered_by}",
        "officials": build.official_ids,
        "bundles": build.bundle_ids,
    }
    audit.record(actor, "bundles requested", subject, detail, now)
    handed = Handover(
        build.id,
        petition.case_id,
        unlocked.custodian_id,
        worker,
        unlocked.private_key,
        new_file_key(),
    )
    return build, handed


def file_context(build_id: int, bundle_id: int) -> bytes:
    """Bind a locked file to its build and bundle."""
    return f"bundle file {build_id} {bundle_id}".encode()


def is_interrupted(build: BundleBuild, now: datetime) -> bool:
    """Whether the process of a build that is still on record as running must be gone."""
    is_running = build.state is BuildState.RUNNING
    return build.sealed and is_running and (build.claimed_until or now) <= now


def _running(
    agreement: BuildAgreement, worker: str, organiser_id: int, now: datetime
) -> BundleBuild:
    query = select(BundleBuild).where(BundleBuild.id == agreement.build_id)
    before = db.session.execute(query).scalar_one_or_none()
    official_ids = before.official_ids if before else agreement.official_ids
    bundle_ids = before.bundle_ids if before else agreement.bundle_ids
    build = BundleBuild(
        petition_id=agreement.petition_id,
        official_ids=list(official_ids),
        bundle_ids=list(bundle_ids),
        language=agreement.language,
        since_last=agreement.since_last,
        requested_by=organiser_id,
        requested_at=now,
        state=BuildState.RUNNING,
        claimed_by=worker,
        claimed_until=now + STARTS_WITHIN,
        attempts=build_work.ATTEMPTS,
        messages=[],
        sealed=True,
    )
    db.session.add(build)
    db.session.flush()
    return build
