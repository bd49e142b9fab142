"""Bodies of requests: awaited without a thread, within their time, and no more than is read."""

import asyncio
import io
from typing import Any

from petitions.web import bodies

FORM = 64 * 1024
UPLOAD = 16 * 1024 * 1024
"""The most that any page takes; each says itself how much it takes, up to this."""
_FORMS_AT_ONCE = 2048
_UPLOADS_AT_ONCE = 8
_CONSOLE = "/organiser/"


class TooMany(Exception):
    """As many bodies as may be are being awaited."""


class Late:
    """A body that did not come in time; reading it says so."""

    def read(self, _: int = -1) -> bytes:
        """Raise TimeoutError."""
        raise TimeoutError("a body that did not come")

    readline = read

    def close(self) -> None:
        """Nothing is held."""


class Bodies:
    """Awaits bodies. Belongs to one event loop."""

    def __init__(self) -> None:
        self._forms = self._uploads = 0

    async def body_of(self, environ: dict[str, Any], protocol: Any) -> io.BytesIO | Late:
        """Return what was sent, a little more than the limit at most, or what says it came late.

        Raises TooMany.
        """
        environ[bodies.IS_THERE] = True
        length = environ.get("CONTENT_LENGTH", "0")
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if length == "0" and not chunked:
            return io.BytesIO()
        limit = UPLOAD if environ["PATH_INFO"].startswith(_CONSOLE) else FORM
        if not chunked and (not length.isdecimal() or int(length) > limit):
            return io.BytesIO()  # refused by its length alone
        is_upload = limit > FORM and (chunked or int(length) > FORM)
        self._enter(is_upload)
        try:
            read = await _read(protocol, limit, bodies.seconds_for(length))
        finally:
            self._leave(is_upload)
        if read is None:
            return Late()
        # What comes in chunks says its length from here on: a view that is sent too much knows.
        environ["CONTENT_LENGTH"] = str(read.getbuffer().nbytes)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return read

    def _enter(self, is_upload: bool) -> None:
        if is_upload:
            if self._uploads >= _UPLOADS_AT_ONCE:
                raise TooMany
            self._uploads += 1
        else:
            if self._forms >= _FORMS_AT_ONCE:
                raise TooMany
            self._forms += 1

    def _leave(self, is_upload: bool) -> None:
        if is_upload:
            self._uploads -= 1
        else:
            self._forms -= 1


async def _read(protocol: Any, limit: int, seconds: float) -> io.BytesIO | None:
    read = io.BytesIO()
    try:
        async with asyncio.timeout(seconds):
            async for part in protocol:
                read.write(part)
                if read.tell() > limit:
                    break
    except TimeoutError:
        return None
    read.seek(0)
    return read
