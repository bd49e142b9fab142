"""Reading a zip from strangers: one root folder, plain names, bounded sizes.

It knows nothing of bags.
"""

import io
import struct
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from zlib import error as ZlibError

from petitions.documents.zip_layout import LayoutProblem, check_layout

MOST_MEMBERS = 10_000
MOST_BYTES = 8 << 30
"""Unpacked; a bundle of a million names has about one gigabyte."""
MOST_TAG_BYTES = 4 << 20
MOST_AT_ONCE = 4 << 20
"""Bytes read in one go: also the zip's directory, which zipfile takes whole into memory."""

_CHUNK = 1 << 20
_SYMLINK = 0o120000
_KIND = 0o170000
# What zipfile and zlib raise over damaged bytes. ValueError is also UnicodeError and a seek to
# before the beginning, OverflowError a seek beyond all ends.
_BROKEN = (
    zipfile.BadZipFile,
    ZlibError,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


# The record of the zip's end, without a comment. Nothing may follow it: zipfile would otherwise
# take the end of a workbook inside for the end of a bundle that is cut off.
_END = b"PK\x05\x06"
_END_BYTES = 22
_NO_COMMENT = b"\0\0"
_NO_ZIP = "this is not a zip file, or it is cut off, or something was appended"


class ArchiveProblem(ValueError):
    """The file is no zip that may be read; the message says in plain words why."""


class Archive:
    """The files of a zip by their names below its one root folder. Nothing is unpacked to disk."""

    def __init__(self, path: Path) -> None:
        self._file = _Bounded(path)
        try:
            self._size = self._file.seek(0, io.SEEK_END)
            self._zip = _opened(self._file, self._size)
            self.root, self._members = self._checked()
            self.names = frozenset(self._members)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._zip.close()
        self._file.close()

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

    def lines_of(self, name: str, longest: int) -> Iterator[bytes]:
        """The file's lines with their line ends; none longer than `longest` bytes is held.

        Raises ArchiveProblem.
        """
        rest = b""
        for chunk in self.chunks(name):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > longest or any(len(line) >= longest for line in lines):
                raise ArchiveProblem(f"{name} has a line that is longer than any in a bundle")
            for line in lines:
                yield line + b"\n"
        if rest:
            yield rest

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file's bytes; as many as the directory announces. Raises ArchiveProblem."""
        left = self.size(name)
        try:
            file = self._zip.open(self._members[name])
        except _BROKEN as problem:
            raise _damaged(name) from problem
        with file:
            while True:
                try:
                    chunk = file.read(_CHUNK)
                except _BROKEN as problem:
                    raise _damaged(name) from problem
                if not chunk:
                    break
                left -= len(chunk)
                yield chunk
        if left:
            raise _damaged(name)

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
            elif info.file_size or info.compress_size:
                raise ArchiveProblem("the zip has a folder that holds bytes of its own")
        if len(roots) != 1:
            raise ArchiveProblem(f"the zip should have one folder at its root and has {len(roots)}")
        _check_folders(infos)
        try:
            check_layout(self._file, infos, self._zip.start_dir)
        except LayoutProblem as problem:
            raise ArchiveProblem(str(problem)) from problem
        except _BROKEN as problem:
            raise ArchiveProblem(_NO_ZIP) from problem
        return roots.pop(), members


class _Bounded(io.FileIO):
    """A file that gives no more than MOST_AT_ONCE bytes at once, whatever a zip says of itself."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = MOST_AT_ONCE
        if size > MOST_AT_ONCE:
            raise zipfile.BadZipFile("the directory is too big")
        return super().read(size)


def _opened(file: _Bounded, size: int) -> zipfile.ZipFile:
    file.seek(max(0, size - _END_BYTES))
    end = file.read(_END_BYTES)
    if not (end.startswith(_END) and end.endswith(_NO_COMMENT)):
        raise ArchiveProblem(_NO_ZIP)
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as problem:
        raise ArchiveProblem(_NO_ZIP) from problem


def _damaged(name: str) -> ArchiveProblem:
    return ArchiveProblem(f"{name} cannot be read: the zip is damaged there")


def _check_folders(infos: list[zipfile.ZipInfo]) -> None:
    """Only folders that files lie in: the name of another could say what nobody signed."""
    needed = {
        f"{folder}/"
        for info in infos
        if not info.is_dir()
        for folder in PurePosixPath(info.orig_filename).parents
    }
    if any(info.is_dir() and info.orig_filename not in needed for info in infos):
        raise ArchiveProblem("the zip has a folder that no file of the bundle lies in")


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
    if info.compress_type not in _METHODS:
        raise ArchiveProblem("the zip is compressed in another way than bundles are")
    if len(parts) == 1 and not info.is_dir():
        raise ArchiveProblem("the zip should have one folder at its root and holds loose files")
    return parts[0], "/".join(parts[1:])
