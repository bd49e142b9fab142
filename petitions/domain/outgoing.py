"""The outgoing folder: written bundles that wait to be downloaded, and go after an hour.

One folder a build. A worker writes in a folder of its own inside it and moves a finished file to
its place; whatever is not on record is a leftover of a killed worker.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, exists, select, update

from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    BuildState,
    Bundle,
    BundleBuild,
    BundleFile,
    BundleSignature,
    Signature,
)

KEPT_FOR = timedelta(hours=1)
_WORKING = ".part"


def folder_of(site: Site, build_id: int) -> Path:
    """Return where the files of a build lie."""
    return site.outgoing / str(build_id)


def path_of(site: Site, file: BundleFile) -> Path:
    """Return where a file lies, as long as it is not removed."""
    return folder_of(site, file.build_id) / file.file_name


def working_folder(site: Site, build_id: int, worker: str) -> Path:
    """Make an empty folder for one worker, and clear what others left of the same build."""
    folder = folder_of(site, build_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in folder.glob(f"*{_WORKING}"):
        shutil.rmtree(leftover, ignore_errors=True)
    mine = folder / f"{worker}{_WORKING}"
    mine.mkdir(mode=0o700)
    return mine


def remove(site: Site, files: Iterable[BundleFile], now: datetime) -> int:
    """Remove files from the disk and mark them as gone; return how many were there."""
    number = 0
    for file in files:
        if file.removed_at is None:
            path_of(site, file).unlink(missing_ok=True)
            file.removed_at = now
            number += 1
    db.session.flush()
    return number


def let_go_of_files_with(signature_id: int, now: datetime) -> None:
    """Mark the files of bundles that hold a signature as gone, whose person was wiped just before.

    Nobody can download them from the commit on; the worker clears them from the disk within half a
    minute. A file that is being written now is not kept: see `holds_erased`.
    """
    held_by = select(BundleSignature.bundle_id).where(BundleSignature.signature_id == signature_id)
    bundles = _locked(Bundle.id.in_(held_by))
    db.session.execute(
        update(BundleFile)
        .where(BundleFile.bundle_id.in_(bundles), BundleFile.removed_at.is_(None))
        .values(removed_at=now)
    )


def let_go_of_files_of(petition_id: int, now: datetime) -> None:
    """Mark all files of a petition's bundles as gone; the worker clears them from the disk."""
    bundles = _locked(Bundle.petition_id == petition_id)
    db.session.execute(
        update(BundleFile)
        .where(BundleFile.bundle_id.in_(bundles), BundleFile.removed_at.is_(None))
        .values(removed_at=now)
    )


def holds_erased(bundle: Bundle) -> bool:
    """Whether somebody in a bundle was erased, so that no file with them may be kept any more.

    The bundle is held until the transaction ends: an erasure waits, and then finds the file.
    """
    _locked(Bundle.id == bundle.id)
    erased = exists().where(
        BundleSignature.bundle_id == bundle.id,
        Signature.id == BundleSignature.signature_id,
        Signature.is_wiped(),
    )
    return bool(db.session.execute(select(erased)).scalar())


def files_over(now: datetime) -> list[BundleFile]:
    """Return the files whose hour is over."""
    query = select(BundleFile).where(
        BundleFile.removed_at.is_(None), BundleFile.written_at <= now - KEPT_FOR
    )
    return list(db.session.execute(query).scalars())


def clear_strays(site: Site) -> int:
    """Remove what lies in the folder and is on no record; return how many things it was.

    A build that waits or runs clears up itself: there only files that are marked as gone are
    removed, as when somebody in them was erased. Only reads the database.
    """
    if not site.outgoing.is_dir():
        return 0
    return sum(_cleared(site, folder) for folder in sorted(site.outgoing.iterdir()))


def _cleared(site: Site, folder: Path) -> int:
    build = db.session.get(BundleBuild, int(folder.name)) if folder.name.isdecimal() else None
    if build is None:
        _delete(folder)
        return 1
    query = select(BundleFile.file_name, BundleFile.removed_at).where(
        BundleFile.build_id == build.id
    )
    files = db.session.execute(query).all()
    if build.state in (BuildState.WAITING, BuildState.RUNNING):
        gone = [folder / name for name, removed_at in files if removed_at is not None]
        return sum(_unlinked(path) for path in gone)
    kept = {name for name, removed_at in files if removed_at is None}
    strays = [path for path in folder.iterdir() if path.name not in kept]
    for path in strays:
        _delete(path)
    if not kept:
        with suppress(OSError):  # a worker that is about to end may still hold it
            folder.rmdir()
    return len(strays)


def _locked(which: ColumnElement[bool]) -> list[int]:
    query = select(Bundle.id).where(which).order_by(Bundle.id)
    return list(db.session.execute(query.with_for_update(key_share=True)).scalars())


def _unlinked(path: Path) -> int:
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    return 1


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
