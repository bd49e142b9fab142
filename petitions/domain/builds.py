"""Builds, as organisers see them: bundles asked for, how far they are, and their files.

A worker does what is asked for here (`build_work`). Files wait in the site's outgoing folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from petitions.domain import audit, outgoing
from petitions.domain.case_keys import is_sealed
from petitions.domain.recipients import recipients_of
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import BuildState, Bundle, BundleBuild, BundleFile, NamesTerm, Petition

OPEN = (BuildState.WAITING, BuildState.RUNNING)


@dataclass(frozen=True, slots=True)
class BuildMessage:
    """What a build left out: a word, which official or bundle it is about, and plain English.

    Words: `nothing`, `not addressed`, `refused`, `too long` (of an official; by how many lines its
    letter is), `not written` (of a bundle), `gave up`; of a sealed case `interrupted` and
    `no memory`.
    """

    word: str
    about: int = 0
    text: str = ""

    def line(self) -> str:
        """Return the message as it is kept."""
        return f"{self.word}|{self.about}|{self.text}"

    @classmethod
    def of(cls, line: str) -> "BuildMessage":
        """Invert `line`."""
        word, about, text = line.split("|", 2)
        return cls(word, int(about), text)


def request(
    petition: Petition,
    official_ids: Sequence[int],
    *,
    language: str | None,
    since_last: bool = False,
    organiser_id: int,
    now: datetime,
) -> tuple[BundleBuild, bool]:
    """Ask for the bundles of some officials; return the build, and whether it is a new one.

    A petition has one open build: while there is one, that is returned and nothing is asked for.
    `language` is that of the letters, where not each official's own; `since_last` as in
    `bundles.freeze`. Raises Refused (`nobody
    chosen`, `not addressed`, `sealed`: that is asked for in `build_agreements`; `destroyed`: names
    are).
    """
    _refuse_sealed(petition.case_id)
    refuse_destroyed(petition.id)
    if under_way := open_build_locked(petition.id):
        return under_way, False
    chosen = list(dict.fromkeys(official_ids))
    if not chosen:
        raise Refused("nobody chosen", "officials")
    if not {recipient.official.id for recipient in recipients_of(petition)}.issuperset(chosen):
        raise Refused("not addressed", "officials")
    build = _add(petition.id, organiser_id, now, official_ids=chosen, language=language)
    build.since_last = since_last
    detail = {"petition": petition.id, "officials": chosen, "language": language}
    detail |= {"since_last": True} if since_last else {}
    audit.record(actor_of(build), "bundles requested", subject_of(build), detail, now)
    return build, True


def request_again(bundle: Bundle, *, organiser_id: int, now: datetime) -> tuple[BundleBuild, bool]:
    """Ask for the file of a frozen bundle again; return the build, and whether it is a new one.

    Raises Refused (`sealed`, `destroyed`).
    """
    _refuse_sealed(db.session.get_one(Petition, bundle.petition_id).case_id)
    refuse_destroyed(bundle.petition_id)
    if under_way := open_build_locked(bundle.petition_id):
        return under_way, False
    build = _add(bundle.petition_id, organiser_id, now, bundle_ids=[bundle.id])
    detail = {"petition": bundle.petition_id, "bundle": bundle.public_id}
    audit.record(actor_of(build), "bundle file requested", subject_of(build), detail, now)
    return build, True


def cancel(build: BundleBuild, actor: str, now: datetime) -> None:
    """End a build that waits or runs. What is frozen stays so; files already written stay too.

    Raises Refused (`over`).
    """
    db.session.refresh(build, with_for_update=True)
    if build.state not in OPEN:
        raise Refused("over")
    build.state, build.finished_at = BuildState.CANCELLED, now
    build.claimed_by = build.claimed_until = None
    db.session.flush()
    audit.record(actor, "build cancelled", subject_of(build), {"petition": build.petition_id}, now)


def remove_files(site: Site, build: BundleBuild, actor: str, now: datetime) -> int:
    """Remove the files of a build from the disk now; return how many there were."""
    removed = outgoing.remove(site, files_of(build.id), now)
    if removed:
        detail = {"files": removed, "petition": build.petition_id}
        audit.record(actor, "bundle files removed", subject_of(build), detail, now)
    return removed


def fetch_file(site: Site, file_id: int, actor: str, now: datetime) -> tuple[BundleFile, Path]:
    """Return a file and where it lies, to be downloaded. Raises NotFound, Refused (`gone`).

    That of a sealed build is locked: nobody but the browser that began the build has its key.
    """
    file = file_numbered(file_id)
    path = outgoing.path_of(site, file)
    over = now - file.written_at > outgoing.KEPT_FOR
    if file.removed_at is not None or over or not path.is_file():
        raise Refused("gone")
    bundle = db.session.get_one(Bundle, file.bundle_id)
    detail = {"build": file.build_id, "bytes": file.size}
    audit.record(actor, "bundle downloaded", bundle.public_id, detail, now)
    return file, path


def build_numbered(build_id: int) -> BundleBuild:
    """Return a build. Raises NotFound."""
    build = db.session.get(BundleBuild, build_id)
    if build is None:
        raise NotFound("no such build")
    return build


def file_numbered(file_id: int) -> BundleFile:
    """Return what is on record of a written file. Raises NotFound."""
    file = db.session.get(BundleFile, file_id)
    if file is None:
        raise NotFound("no such file")
    return file


def open_build(petition_id: int) -> BundleBuild | None:
    """Return the build of a petition that waits or runs, if there is one."""
    query = select(BundleBuild).where(
        BundleBuild.petition_id == petition_id, BundleBuild.state.in_(OPEN)
    )
    return db.session.execute(query.order_by(BundleBuild.id).limit(1)).scalar_one_or_none()


def open_build_locked(petition_id: int) -> BundleBuild | None:
    """Return the open build of a petition; requests at once take turns until they commit."""
    # NO KEY: people go on signing meanwhile.
    petition = select(Petition.id).where(Petition.id == petition_id)
    db.session.execute(petition.with_for_update(key_share=True)).one()
    return open_build(petition_id)


def recent_builds(petition_id: int, most: int = 5) -> list[BundleBuild]:
    """Return the newest builds of a petition, newest first."""
    query = select(BundleBuild).where(BundleBuild.petition_id == petition_id)
    return list(db.session.execute(query.order_by(BundleBuild.id.desc()).limit(most)).scalars())


def files_of(build_id: int) -> list[BundleFile]:
    """Return the files that a build wrote, in the order of writing, removed ones too."""
    query = select(BundleFile).where(BundleFile.build_id == build_id)
    return list(db.session.execute(query.order_by(BundleFile.id)).scalars())


def messages_of(build: BundleBuild) -> list[BuildMessage]:
    """Return what a build left out, in its order."""
    return [BuildMessage.of(line) for line in build.messages]


def actor_of(build: BundleBuild) -> str:
    """Return how the audit trail calls whoever asked for a build."""
    return f"organiser {build.requested_by}"


def subject_of(build: BundleBuild) -> str:
    """Return how the audit trail calls a build."""
    return f"build {build.id}"


def refuse_destroyed(petition_id: int) -> None:
    """Raise Refused (`destroyed`) where the time of a petition's names is over."""
    term = db.session.get(NamesTerm, petition_id)
    if term is not None and term.destroyed_at is not None:
        raise Refused("destroyed", "officials")


def _refuse_sealed(case_id: int) -> None:
    if is_sealed(case_id):
        raise Refused("sealed", "officials")


def _add(
    petition_id: int,
    organiser_id: int,
    now: datetime,
    *,
    official_ids: Sequence[int] = (),
    bundle_ids: Sequence[int] = (),
    language: str | None = None,
) -> BundleBuild:
    build = BundleBuild(
        petition_id=petition_id,
        official_ids=list(official_ids),
        bundle_ids=list(bundle_ids),
        language=language,
        requested_by=organiser_id,
        requested_at=now,
        state=BuildState.WAITING,
        messages=[],
    )
    db.session.add(build)
    db.session.flush()
    return build
