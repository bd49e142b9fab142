"""Files as answers: granian sends them from the disk, however slowly they are taken.

What is sent is the file that was open, also if it is removed meanwhile.
"""

import asyncio
import os
from pathlib import Path
from typing import IO, Any

_OPENED_WITHIN = 60.0
_OPEN_FILES = Path("/proc/self/fd")


class SentFile:
    """What WSGI calls a file wrapper; also an iterable, for middleware that looks inside."""

    def __init__(self, file: IO[bytes], size: int = 64 * 1024) -> None:
        self.file = file
        self._size = size

    def __iter__(self) -> "SentFile":
        return self

    def __next__(self) -> bytes:
        part = self.file.read(self._size)
        if not part:
            raise StopIteration
        return part

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def send_file(protocol: Any, status: int, headers: list[tuple[str, str]], sent: SentFile) -> None:
    """Have a file sent. It stays open here until granian has surely opened it for itself."""
    try:
        here = _OPEN_FILES / str(sent.file.fileno())
    except OSError:  # made in memory
        protocol.response_bytes(status, headers, b"".join(sent))
        sent.close()
        return
    path = str(here) if here.exists() else os.fspath(sent.file.name)
    protocol.response_file(status, headers, path)
    asyncio.get_running_loop().call_later(_OPENED_WITHIN, sent.close)
