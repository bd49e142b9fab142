"""Reading a zip from strangers: one root folder, plain names, bounded sizes.

It knows nothing of bags."""

import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO
from zlib import error as ZlibError

MOST_MEMBERS = 10_000
MOST_BYTES = 8 << 30
"""Unpacked; a bundle of a million names has about one gigabyte."""
MOST_TAG_BYTES = 4 << 20

_CHUNK = 1 << 20
_SYMLINK = 0o120000
_KIND = 0o170000
_BROKEN = (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError)


# The record of the zip's end, without a comment. Nothing may follow it: zipfile would otherwise
# take the end of a workbook inside for the end of a bundle that is cut off.
_END = b"PK\x05\x06"
_END_BYTES = 22
_NO_ZIP = "this is not a zip file, or it is cut off, or something was appended"


class ArchiveProblem(ValueError):
    """The file is no zip that may be read; the message says in plain words why."""


class Archive:
    """The files of a zip by their names below its one root folder. Nothing is unpacked to disk."""

    def __init__(self, path: Path) -> None:
        self._size = path.stat().st_size
        if not _ends_as_zip(path):
            raise ArchiveProblem(_NO_ZIP)
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as problem:
            raise ArchiveProblem(_NO_ZIP) from problem
        try:
            self.root, self._members = self._checked()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._zip.close()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._members)

    def size(self, name: str) -> int:
        """Bytes of the unpacked file."""
        return self._members[name].file_size

    def text(self, name: str) -> str:
        """A small file as UTF-8 text. Raises ArchiveProblem."""
        if self.size(name) > MOST_TAG_BYTES:
            raise ArchiveProblem(f"{name} is too big to be what it should be")
        try:
            return b"".join(self.chunks(name)).decode()
        except UnicodeDecodeError as problem:
            raise ArchiveProblem(f"{name} is not UTF-8 text") from problem

    def sha256(self, name: str) -> str:
        digest = sha256()
        for chunk in self.chunks(name):
            digest.update(chunk)
        return digest.hexdigest()

    def lines(self, name: str) -> int:
        """Line ends in the file."""
        return sum(chunk.count(b"\n") for chunk in self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file's bytes; never more than the directory announces. Raises ArchiveProblem."""
        try:
            with self._zip.open(self._members[name]) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except _BROKEN as problem:
            raise ArchiveProblem(f"{name} cannot be read: the zip is damaged there") from problem

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._members[name])

    def _checked(self) -> tuple[str, dict[str, zipfile.ZipInfo]]:
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS:
            raise ArchiveProblem("the zip has more files than any bundle")
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise ArchiveProblem("the zip would unpack to more than any bundle")
        if sum(info.compress_size for info in infos) > self._size:
            raise ArchiveProblem("the zip's files overlap")
        members: dict[str, zipfile.ZipInfo] = {}
        roots: set[str] = set()
        for info in infos:
            root, name = _split(info)
            if not info.is_dir() and name in members and root in roots:
                raise ArchiveProblem(f"the zip holds {name} twice")
            roots.add(root)
            if not info.is_dir():
                members[name] = info
        if len(roots) != 1:
            raise ArchiveProblem(f"the zip should have one folder at its root and has {len(roots)}")
        return roots.pop(), members


def _ends_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_BYTES))
        return file.read(_END_BYTES).startswith(_END)


def _split(info: zipfile.ZipInfo) -> tuple[str, str]:
    """Root folder and the name below it. Raises ArchiveProblem for a name that leads elsewhere."""
    name = info.orig_filename
    parts = PurePosixPath(name.rstrip("/")).parts
    plain = "/".join(parts) == name.rstrip("/") and ".." not in parts and "\\" not in name
    if not name or not plain or name.startswith("/") or ":" in parts[0] or not name.isprintable():
        raise ArchiveProblem("the zip holds a file whose name leads outside its folder")
    if info.external_attr >> 16 & _KIND == _SYMLINK:
        raise ArchiveProblem("the zip holds a link instead of a file")
    if info.flag_bits & 1:
        raise ArchiveProblem("the zip is encrypted")
    if len(parts) == 1 and not info.is_dir():
        raise ArchiveProblem("the zip should have one folder at its root and holds loose files")
    return parts[0], "/".join(parts[1:])
