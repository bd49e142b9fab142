"""One build of a sealed case, in a process of its own that was handed the key and ends with it.

What it writes lies in memory (a tmpfs) until it is whole, and comes to the disk locked alone. The
process ends where the web server that began it does: it reads that from the pipe.
"""

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog
from flask import Flask

from petitions import logs
from petitions.clock import now as clock_now
from petitions.documents.staging import clear_leftovers, staging_folder
from petitions.domain import build_work, outgoing
from petitions.domain.bundle_files import WrittenFile
from petitions.domain.site import Site
from petitions.domain.unlocked_builds import Handover, file_context
from petitions.vault.files import lock_file
from petitions.worker.builds import Builder
from petitions.worker.handed import take

MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108  # a folder in memory, and staging makes a private one in it
_MOUNTS = Path("/proc/self/mounts")
_log = structlog.get_logger("petitions.worker")


class NoMemory(OSError):
    """There is no folder that lies in memory, or no room in it."""


def build_unlocked(app: Flask, pipe: BinaryIO) -> None:
    """Do the build that the first line of the pipe hands over; stop where the pipe ends."""
    line, stopping = take(pipe)
    do(app, Handover.of(line), stopping)


def do(
    app: Flask,
    handed: Handover,
    stopping: threading.Event,
    clock: Callable[[], datetime] = clock_now,
    memory: Path = MEMORY,
) -> None:
    """Do a build that was handed over, and end it as done or as interrupted, whatever happens."""
    site: Site = app.extensions["petitions"]
    with app.app_context():
        opened = handed.site(site)
    try:
        clear_leftovers(memory)
        with staging_folder(_in_memory(memory)) as folder:
            before = tempfile.tempdir, os.environ.get("TMPDIR")
            tempfile.tempdir = os.environ["TMPDIR"] = str(folder)  # of all libraries
            try:
                UnlockedBuilder(app, handed, stopping, clock, site=opened, folder=folder).build()
            finally:
                tempfile.tempdir = before[0]
                _put_back("TMPDIR", before[1])
    except OSError as error:
        _log.error("build has no memory to write in", error=logs.where(error))
        builder = UnlockedBuilder(app, handed, stopping, clock, site=opened, folder=memory)
        builder._failed(NoMemory())


def clear_memory() -> int:
    """Remove what killed builds left in memory; return how much it was."""
    return clear_leftovers(MEMORY) if MEMORY.is_dir() else 0


class UnlockedBuilder(Builder):
    """Builds with the key it was handed, in memory; nobody takes over what it leaves."""

    def __init__(
        self,
        app: Flask,
        handed: Handover,
        stopping: threading.Event,
        clock: Callable[[], datetime],
        *,
        site: Site,
        folder: Path,
    ) -> None:
        super().__init__(app, handed.worker, handed.build_id, stopping, clock)
        self._site = site
        self._key = handed.file_key
        self._folder = folder

    def build(self) -> None:
        """Freeze, write, lock, finish; or end as interrupted."""
        try:
            super().build()
        finally:
            folder = outgoing.folder_of(self._site, self._id)
            shutil.rmtree(folder / f"{self._worker}.part", ignore_errors=True)

    def _stopped(self) -> None:
        self._let_go(build_work.interrupt, self._clock())

    def _failed(self, error: Exception) -> None:
        is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        why = "no memory" if is_full or isinstance(error, NoMemory) else ""
        self._let_go(build_work.interrupt, self._clock(), why)

    def _working_folder(self) -> Path:
        folder = self._folder / "files"
        folder.mkdir(mode=0o700)
        return folder

    def _ready(self, bundle_id: int, written: WrittenFile) -> Path:
        """Lock a file that is whole, on the disk that it is to lie on."""
        folder = outgoing.working_folder(self._site, self._id, self._worker)
        locked = folder / written.path.name
        with written.path.open("rb") as source, locked.open("xb") as target:
            lock_file(source, target, self._key, file_context(self._id, bundle_id))
        return locked


def _in_memory(folder: Path) -> Path:
    """Return a folder that lies in memory. Raises NoMemory."""
    if folder is not MEMORY:  # a test's
        return folder
    try:
        mounts = [line.split()[1:3] for line in _MOUNTS.read_text().splitlines()]
    except OSError as error:
        raise NoMemory("this system does not tell what lies in memory") from error
    if [str(folder), "tmpfs"] not in mounts:
        raise NoMemory(f"{folder} does not lie in memory")
    return folder


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
