"""Where the entries of a zip lie: one after another from its first byte to its directory.

Bytes that belong to no entry, or to two, are what another program may show as something else than
what was checked.
"""

import struct
import zipfile
from typing import IO

_LOCAL = struct.Struct("<4s5H3I2H")
_LOCAL_BEGINS = b"PK\x03\x04"
_DESCRIPTOR_BEGINS = b"PK\x07\x08"
_IN_EXTRA_FIELD = 0xFFFFFFFF
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_STRAY = "the zip has bytes that belong to none of its files"


class LayoutProblem(ValueError):
    """The entries lie as in no bundle; the message says in plain words how."""


def check_layout(file: IO[bytes], infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Check that the entries fill the file up to where the directory begins, without overlaps.

    Raises LayoutProblem, and what reading raises.
    """
    at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        _check_meet(at, info.header_offset)
        at = _end(file, info, directory)
    _check_meet(at, directory)


def _check_meet(end: int, begin: int) -> None:
    if begin > end:
        raise LayoutProblem(_STRAY)
    if begin < end:
        raise LayoutProblem("the zip's files overlap")


def _end(file: IO[bytes], info: zipfile.ZipInfo, directory: int) -> int:
    """Where the entry ends, after its own header was compared with the directory's."""
    file.seek(info.header_offset)
    fields = _LOCAL.unpack(file.read(_LOCAL.size))
    begins, _version, flags, method, _time, _date, *sizes, name_bytes, extra_bytes = fields
    described = bool(flags & _DESCRIBED)
    raw = file.read(name_bytes)
    name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
    said = (info.CRC, info.compress_size, info.file_size)
    agree = all(
        here in {there, _IN_EXTRA_FIELD} or (described and not here)
        for here, there in zip(sizes, said, strict=True)
    )
    same = (begins, name, method) == (_LOCAL_BEGINS, info.orig_filename, info.compress_type)
    if not same or not agree or flags & _ENCRYPTED:
        raise LayoutProblem("the zip says two different things of one of its files")
    end = info.header_offset + _LOCAL.size + int(name_bytes) + int(extra_bytes) + info.compress_size
    if end > directory:
        raise LayoutProblem("the zip's files overlap")
    return end + _descriptor_bytes(file, end, said) if described else end


def _descriptor_bytes(file: IO[bytes], at: int, said: tuple[int, int, int]) -> int:
    """Bytes of the descriptor that a zip written as a stream has after an entry."""
    file.seek(at)
    found = file.read(24)
    for begins in (_DESCRIPTOR_BEGINS, b""):
        for layout in ("<3I", "<IQQ"):
            if said[2] > _IN_EXTRA_FIELD and layout == "<3I":
                continue
            wanted = begins + struct.pack(layout, *said)
            if found.startswith(wanted):
                return len(wanted)
    raise LayoutProblem(_STRAY)
