"""What a worker does with a build: claim, freeze, keep what was written, finish or give up.

Every change names the worker, so that one whose lease is over changes nothing any more. The caller
commits after each function.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, Update, or_, select, update

from petitions.domain import audit, bundles, outgoing
from petitions.domain.builds import BuildMessage, actor_of, subject_of
from petitions.domain.bundle_files import WrittenFile, erased_since, keep_proof
from petitions.domain.site import Site
from petitions.errors import BundleRefused, LetterTooLong, NothingToHandOver, PetitionsError
from petitions.extensions import db
from petitions.models import BuildState, Bundle, BundleBuild, BundleFile, Petition

LEASE = timedelta(seconds=15)
ATTEMPTS = 3
PAUSE = timedelta(seconds=10)
_LETTER = 200
"""A letter takes about as long as so many lines of a list."""


class BuildLost(PetitionsError):
    """The build was cancelled, or another worker has it: go no further."""


def anything_due(now: datetime) -> bool:
    """Whether a build could be claimed now. Only reads, so that idle workers never write."""
    return db.session.execute(_due(now)).first() is not None


def claim(worker: str, now: datetime) -> int | None:
    """Claim a build for the length of a lease and return its id, or None where there is none.

    One that was tried often enough is not claimed: it has failed. Nor is one of a sealed case whose
    process is gone: it was interrupted.
    """
    due = _due(now)
    if db.engine.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    build_id = db.session.execute(due).scalar_one_or_none()
    if build_id is None:
        return None
    build = db.session.get_one(BundleBuild, build_id, populate_existing=True)
    if build.sealed or build.attempts >= ATTEMPTS:
        _fail(build, now)
        return None
    claimed = (
        update(BundleBuild)
        .where(BundleBuild.id == build_id, *_is_due(now))
        .values(
            state=BuildState.RUNNING,
            claimed_by=worker,
            claimed_until=now + LEASE,
            attempts=BundleBuild.attempts + 1,
        )
        .returning(BundleBuild.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(claimed).scalar_one_or_none()


def renew(build_ids: list[int], worker: str, now: datetime) -> set[int]:
    """Extend the lease; return the builds that are still held."""
    found: set[int] = set()
    for build_id in build_ids:
        statement = _held(build_id, worker).values(claimed_until=now + LEASE)
        found.update(db.session.execute(statement.returning(BundleBuild.id)).scalars())
    return found


def give_back(build_id: int, worker: str) -> None:
    """Return a build that is not done, as when the worker stops: another may take it at once."""
    values = {
        "state": BuildState.WAITING,
        "claimed_by": None,
        "claimed_until": None,
        "attempts": BundleBuild.attempts - 1,
    }
    db.session.execute(_held(build_id, worker).values(values))


def retry_later(build_id: int, worker: str, now: datetime) -> None:
    """Let a build that met a fault be tried again soon; after the last attempt it has failed.

    Raises BuildLost.
    """
    build = held(build_id, worker)
    if build.attempts >= ATTEMPTS:
        _fail(build, now)
        return
    build.state, build.claimed_by, build.claimed_until = BuildState.WAITING, None, now + PAUSE
    db.session.flush()


def interrupt(build_id: int, worker: str, now: datetime, why: str = "") -> None:
    """End a build of a sealed case that cannot go on; `why` is a message's word. Raises BuildLost.

    Nobody takes it over: whoever wants it asks again, and unlocks again.
    """
    build = held(build_id, worker)
    if why:
        _tell(build, BuildMessage(why))
    _fail(build, now)


def end_interrupted(petition_id: int, now: datetime) -> None:
    """End the builds of a petition's sealed case whose process is gone."""
    gone = select(BundleBuild).where(
        BundleBuild.petition_id == petition_id, BundleBuild.sealed, *_is_due(now)
    )
    for build in db.session.execute(gone.with_for_update()).scalars().all():
        _fail(build, now)


def freeze_next(build_id: int, worker: str, now: datetime) -> bool:
    """Freeze for the next official on the list and strike it off; return whether there was one.

    The caller holds one snapshot of the database. Raises BuildLost.
    """
    build = held(build_id, worker)
    if not build.official_ids:
        return False
    official_id, *rest = build.official_ids
    made: list[int] = []
    try:
        with db.session.begin_nested():  # a refusal of one text version takes the others with it
            made = _frozen(build, official_id, now)
    except NothingToHandOver:
        _tell(build, BuildMessage("nothing", official_id))
    except LetterTooLong as refusal:
        _tell(build, BuildMessage("too long", official_id, str(refusal.lines)))
    except BundleRefused as refusal:
        _tell(build, BuildMessage("refused", official_id, str(refusal)))
    build.official_ids = rest
    build.bundle_ids = [*build.bundle_ids, *made]
    db.session.flush()
    return True


def bundles_to_write(build_id: int) -> list[Bundle]:
    """Return the bundles of a build that have no file yet."""
    written = select(BundleFile.bundle_id).where(BundleFile.build_id == build_id)
    build = db.session.get_one(BundleBuild, build_id, populate_existing=True)
    query = select(Bundle).where(Bundle.id.in_(build.bundle_ids), Bundle.id.not_in(written))
    return list(db.session.execute(query.order_by(Bundle.id)).scalars())


def set_total(build_id: int, worker: str) -> int:
    """Note how much there is to write; return how much of it is done. Raises BuildLost."""
    build = held(build_id, worker)
    every = db.session.execute(select(Bundle).where(Bundle.id.in_(build.bundle_ids))).scalars()
    build.total = sum(weight(bundle) for bundle in every)
    build.done = build.total - sum(weight(bundle) for bundle in bundles_to_write(build_id))
    db.session.flush()
    return build.done


def weight(bundle: Bundle) -> int:
    """Return how much there is to write of a bundle, in lines of a list."""
    return _LETTER + (bundle.eligible if bundle.names_go else 0)


def note_progress(build_id: int, worker: str, done: int) -> None:
    """Note how far the writing is. Raises BuildLost."""
    statement = _held(build_id, worker).values(done=done).returning(BundleBuild.id)
    if db.session.execute(statement).first() is None:
        raise BuildLost


def keep_file(
    site: Site,
    build_id: int,
    worker: str,
    bundle: Bundle,
    *,
    written: WrittenFile,
    now: datetime,
    lying: Path | None = None,
) -> None:
    """Keep a file that was written, with its proof, and move it to its place.

    Raises BuildLost, BundleRefused (somebody in it was erased while it was written).

    `lying` is what is kept in the place of the file itself: the same, locked.
    """
    build = held(build_id, worker)
    if outgoing.holds_erased(bundle):
        raise erased_since(bundle)
    keep_proof(site, bundle, written, now)
    audit.record(actor_of(build), "bundle written", bundle.public_id, {"build": build.id}, now)
    file = BundleFile(
        build_id=build_id,
        bundle_id=bundle.id,
        file_name=written.path.name,
        size=written.path.stat().st_size,
        written_at=now,
    )
    db.session.add(file)
    db.session.flush()
    # Moved before the commit: a file without a record is cleared, a record needs its file.
    (lying or written.path).replace(outgoing.path_of(site, file))


def note_unwritten(build_id: int, worker: str, bundle_id: int, why: str) -> None:
    """Note why a bundle's file cannot be written. Raises BuildLost."""
    _tell(held(build_id, worker), BuildMessage("not written", bundle_id, why))
    db.session.flush()


def finish(build_id: int, worker: str, now: datetime) -> None:
    """End a build that did all it could. Raises BuildLost."""
    build = held(build_id, worker)
    build.done = build.total
    detail = {"bundles": len(build.bundle_ids), "left_out": len(build.messages)}
    _end(build, BuildState.DONE, now)
    audit.record(actor_of(build), "bundles built", subject_of(build), detail, now)


def held(build_id: int, worker: str) -> BundleBuild:
    """Return a build that this worker holds, locked. Raises BuildLost."""
    query = select(BundleBuild).where(*_conditions(build_id, worker)).with_for_update()
    found = db.session.execute(query.execution_options(populate_existing=True))
    build = found.scalar_one_or_none()
    if build is None:
        raise BuildLost
    return build


def _frozen(build: BundleBuild, official_id: int, now: datetime) -> list[int]:
    petition = db.session.get_one(Petition, build.petition_id)
    for recipient in bundles.recipients_of(petition):
        if recipient.official.id == official_id:
            frozen = bundles.freeze(
                petition,
                recipient,
                now,
                language=build.language,
                since_last=build.since_last,
                actor=actor_of(build),
            )
            return [bundle.id for bundle in frozen]
    _tell(build, BuildMessage("not addressed", official_id))
    return []


def _tell(build: BundleBuild, message: BuildMessage) -> None:
    if message.line() not in build.messages:  # an attempt before may have said it
        build.messages = [*build.messages, message.line()]


def _fail(build: BundleBuild, now: datetime) -> None:
    _tell(build, BuildMessage("interrupted" if build.sealed else "gave up"))
    _end(build, BuildState.FAILED, now)
    if build.sealed:
        audit.record("worker", "build interrupted", subject_of(build), {}, now)
        return
    audit.record("worker", "build failed", subject_of(build), {"attempts": build.attempts}, now)


def _end(build: BundleBuild, state: BuildState, now: datetime) -> None:
    build.state, build.finished_at = state, now
    build.claimed_by = build.claimed_until = None
    db.session.flush()


def _due(now: datetime) -> Select[int]:
    return select(BundleBuild.id).where(*_is_due(now)).order_by(BundleBuild.requested_at).limit(1)


def _is_due(now: datetime):  # type: ignore[no-untyped-def]  # conditions
    open_states = (BuildState.WAITING, BuildState.RUNNING)
    free = or_(BundleBuild.claimed_until.is_(None), BundleBuild.claimed_until <= now)
    return [BundleBuild.state.in_(open_states), free]


def _conditions(build_id: int, worker: str):  # type: ignore[no-untyped-def]  # conditions
    return [
        BundleBuild.id == build_id,
        BundleBuild.claimed_by == worker,
        BundleBuild.state == BuildState.RUNNING,
    ]


def _held(build_id: int, worker: str) -> Update:
    statement = update(BundleBuild).where(*_conditions(build_id, worker))
    return statement.execution_options(synchronize_session=False)
