"""Tokens in links and the stamp of public forms: one salt and one lifetime for each purpose.

Signed with the secret key, verified with it and its fallbacks, so that keys rotate. Missing,
expired and wrong are three different outcomes.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from petitions.errors import StampExpired, TokenExpired, TokenUnknown

_STAMP_GRAIN = timedelta(hours=1)
_STAMPS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form was made of: a petition, its text, its consent, and their language."""

    petition: int
    text: int
    consent: int
    language: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a token is good for, and for how long."""

    salt: str
    lifetime: timedelta


CONFIRM = Purpose("petitions.confirm", timedelta(days=7))
NOT_ME = Purpose("petitions.not-me", timedelta(days=7))
MY_SIGNATURE = Purpose("petitions.my-signature", timedelta(days=7))
ANOTHER = Purpose("petitions.another", timedelta(days=7))
NEWS = Purpose("petitions.news", timedelta(days=7))
UNSUBSCRIBE = Purpose("petitions.unsubscribe", timedelta(days=400))
HANDED_OVER = Purpose("petitions.handed-over", timedelta(days=90))
"""The longest that a link to what is handed over may be good; its row says how long it is."""
_STAMP = Purpose("petitions.stamp", timedelta(days=1))


class Tokens:
    """Mints and reads tokens. `keys` has the current key first, then retired ones."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(reversed(keys))  # itsdangerous signs with the last
        self._stamps: dict[str, tuple[Any, datetime]] = {}

    def mint(self, purpose: Purpose, payload: Any, now: datetime) -> str:
        """Return a URL-safe token for a JSON-able payload."""
        return self._serializer(purpose, now).dumps(payload)

    def read(self, purpose: Purpose, token: str, now: datetime) -> Any:
        """Return the payload. Raises TokenUnknown, or TokenExpired that carries the payload."""
        payload, made_at = self._load(purpose, token)
        if now - made_at > purpose.lifetime:
            raise TokenExpired(payload)
        return payload

    def stamp(self, petition: int, text: int, consent: int, language: str, now: datetime) -> str:
        """Return the stamp of a public form: the same for all readers within an hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        return self.mint(_STAMP, [petition, text, consent, language], hour)

    def read_stamp(self, stamp: str, now: datetime) -> Stamp:
        """Return what a stamp says; the caller knows whose it should be. Raises StampExpired.

        A stamp is good for a day after the hour it was made in.
        """
        try:
            payload, made_at = self._stamps.get(stamp) or self._known_stamp(stamp)
        except TokenUnknown:
            raise StampExpired("the stamp is missing or forged") from None
        if now - _STAMP_GRAIN - made_at > _STAMP.lifetime:
            raise StampExpired("the stamp is too old")
        return Stamp(*payload)

    def _known_stamp(self, stamp: str) -> tuple[Any, datetime]:
        """Load a stamp and remember it: all who sign within an hour send the same few."""
        loaded = self._load(_STAMP, stamp)
        if len(self._stamps) >= _STAMPS_KEPT:
            self._stamps.clear()
        self._stamps[stamp] = loaded
        return loaded

    def _load(self, purpose: Purpose, token: str) -> tuple[Any, datetime]:
        # Age is compared by the caller: a clock that stepped back must not expire a young token.
        try:
            payload, made_at = self._serializer(purpose).loads(token, return_timestamp=True)
            signature = token.rpartition(".")[2]
            canonical = base64_encode(base64_decode(signature)).decode() == signature
        except BadData:
            raise TokenUnknown("not a token of this site") from None
        if not canonical:  # base64 would let other last letters pass for the same bytes
            raise TokenUnknown("not a token of this site")
        return payload, made_at

    def _serializer(self, purpose: Purpose, now: datetime | None = None) -> URLSafeTimedSerializer:
        signer = _signer_at(now) if now else TimestampSigner
        return URLSafeTimedSerializer(self._keys, salt=purpose.salt, signer=signer)


def _signer_at(now: datetime) -> type[TimestampSigner]:
    """Return a signer whose clock stands at a moment that the caller passed in."""

    class SignerAt(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(now.timestamp())

    return SignerAt


def text_of(data: bytes) -> str:
    """Return bytes as URL-safe text without padding, to ride in a payload."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Invert `text_of`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
