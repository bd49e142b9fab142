"""One page as it is kept: its bytes plain and packed, and the answers made of them beforehand."""

import gzip
import hashlib
from dataclasses import dataclass

try:
    import brotli
except ImportError:  # an environment from before it was needed: gzip alone until `make install`
    brotli = None

Headers = list[tuple[str, str]]
_PACKED = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg+xml")
_SMALLEST = 512
_BROTLI, _GZIP = 5, 6
"""Levels that take a millisecond or two for a page. The highest take ten, for a tenth less."""
_OWN = frozenset({"content-length", "etag", "vary", "date", "last-modified", "cache-control"})
PLAIN = ""
_LONGEST_TAGS = 2000
"""Signs of an If-None-Match that are read: browsers send one tag."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to a reader. Nobody changes `headers`: they are shared."""

    status: str
    headers: Headers
    body: bytes


@dataclass(slots=True)
class Kept:
    """A page: answers by encoding, each in full, without its body, and as "not modified"."""

    generation: int
    made_at: float
    tag: str
    full: dict[str, Answer]
    bare: dict[str, Answer]
    unchanged: dict[str, Answer]
    size: int
    fresh: float
    longest: float
    """Seconds after which it is remade when somebody asks, and after which it is not given out."""
    used_at: float = 0.0
    claimed_until: float = float("-inf")

    def answer(self, encoding: str, none_match: str | None, *, head: bool) -> Answer:
        """Return the answer for a reader who takes an encoding, and may have the page already."""
        packed = encoding if encoding in self.full else PLAIN
        if none_match is not None and has_tag(none_match, self.tag):
            return self.unchanged[packed]
        return self.bare[packed] if head else self.full[packed]


def kept_of(
    headers: Headers,
    body: bytes,
    *,
    generation: int,
    made_at: float,
    lasting: str,
    times: tuple[float, float],
) -> Kept:
    """Make what is kept of an answer. `lasting` is its Cache-Control, `times` its two terms."""
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    vary = [value for name, value in headers if name.lower() == "vary"]
    common = [(name, value) for name, value in headers if name.lower() not in _OWN]
    common += [
        ("Cache-Control", lasting),
        ("Vary", ", ".join(vary)),
    ]
    kept = Kept(generation, made_at, tag, {}, {}, {}, 0, *times, used_at=made_at)
    for encoding, packed in _packings(body, kind):
        name = f'"{tag}-{encoding}"' if encoding else f'"{tag}"'
        same = [*common, ("ETag", name)]
        whole = [*same, ("Content-Length", str(len(packed)))]
        if encoding:
            whole.append(("Content-Encoding", encoding))
        kept.full[encoding] = Answer("200 OK", whole, packed)
        kept.bare[encoding] = Answer("200 OK", whole, b"")
        gone = [(key, value) for key, value in same if key.lower() != "content-type"]
        kept.unchanged[encoding] = Answer("304 NOT MODIFIED", gone, b"")
        kept.size += len(packed) + 4096
    return kept


def has_tag(none_match: str, tag: str) -> bool:
    """Whether an If-None-Match names a page, in any encoding (RFC 9110: weak comparison)."""
    if none_match.strip() == "*":
        return True
    for one in none_match[:_LONGEST_TAGS].split(","):
        plain = one.strip().removeprefix("W/")
        if plain.startswith('"') and plain.endswith('"'):
            name, _, encoding = plain[1:-1].partition("-")
            if name == tag and encoding in {"", "br", "gzip"}:
                return True
    return False


def _packings(body: bytes, kind: str) -> list[tuple[str, bytes]]:
    made = [(PLAIN, body)]
    if len(body) >= _SMALLEST and kind.startswith(_PACKED):
        made.append(("gzip", gzip.compress(body, _GZIP, mtime=0)))
        if brotli is not None:
            made.append(("br", brotli.compress(body, quality=_BROTLI)))
    return made
