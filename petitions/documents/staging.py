"""Files that hold names while a bundle is made: held by a lock, private, and cleared once orphaned.

A lock (`flock`) ends with the process that holds it, however that ended. So what is not locked was
left by a killed writer, and what is locked is in use. It knows nothing of what the files hold.
"""

import fcntl
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STAGING_PREFIX = ".bundle-"
"""What lies beside a bundle and begins so is staged; without a lock on it, it was left behind."""

PRIVATE = 0o077
"""The umask under which files are their owner's alone."""

# No link is followed, and a named pipe of somebody else's does not make us wait for its writer.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """A private folder in `parent`, locked while it is used and gone afterwards.

    Whatever this process writes in the meantime is its owner's alone (umask).
    """
    before = os.umask(PRIVATE)
    try:
        folder, handle = _made_and_held(parent)
        try:
            yield folder
        finally:
            try:
                shutil.rmtree(folder)
            finally:
                os.close(handle)
    finally:
        os.umask(before)


@contextmanager
def partial_file(parent: Path) -> Iterator[tuple[Path, int]]:
    """A private file in `parent`, locked while it is used, and a descriptor of it to write to.

    Gone afterwards, unless it was moved to where it belongs. The descriptor is closed here.
    """
    while True:
        handle, name = tempfile.mkstemp(prefix=STAGING_PREFIX, suffix=".part", dir=parent)
        path = Path(name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(path, handle):
                yield path, handle
                return
        finally:
            with suppress(FileNotFoundError):
                path.unlink()
            os.close(handle)


def clear_leftovers(folder: Path) -> int:
    """Remove what killed writers left in `folder`, and return how many folders and files it was.

    What a living writer holds stays, and so does what another account owns. Raises OSError where a
    leftover cannot be removed.
    """
    return sum(_cleared(path) for path in sorted(folder.glob(f"{STAGING_PREFIX}*")))


def _made_and_held(parent: Path) -> tuple[Path, int]:
    """A new folder and the descriptor that locks it.

    Between making and locking, somebody else's `clear_leftovers` may come first and take the folder
    for a leftover; then there is another one.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=parent))
        try:
            handle = os.open(folder, _OPEN)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(folder, handle):
                return folder, handle
        except BaseException:
            os.close(handle)
            folder.rmdir()
            raise
        os.close(handle)


def _cleared(path: Path) -> bool:
    try:
        handle = os.open(path, _OPEN)
    except OSError:  # gone meanwhile, a link, or not ours to open
        return False
    try:
        kind = os.fstat(handle).st_mode
        if not (stat.S_ISDIR(kind) or stat.S_ISREG(kind)):
            return False
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return _is_at(path, handle) and _removed(path, folder=stat.S_ISDIR(kind))
        return False
    finally:
        os.close(handle)


def _removed(path: Path, *, folder: bool) -> bool:
    # Under another name first: a child of the killed writer, if one has still a moment to live,
    # then writes into a folder that is not there, not into one that is just being emptied.
    gone = path.with_name(f"{STAGING_PREFIX}{secrets.token_hex(8)}.gone")
    path.rename(gone)
    if folder:
        shutil.rmtree(gone)
    else:
        gone.unlink()
    return True


def _is_at(path: Path, handle: int) -> bool:
    """Whether the open file is still the one at the path."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    except FileNotFoundError:
        return False
