"""Mails made from a form: all that mails of a minute have in common is composed and encoded once.

Building a message costs a hundred times what filling one does. What differs is links, the address,
the date and the id; each is put between pieces that are encoded already. In quoted-printable parts
a soft line break stands before and after it, so that it may be as long as it likes.
"""

import quopri
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

LONGEST_LINE = 900  # RFC 5322, 2.1.1: 998 at most
_MARK = re.compile("\x02(\\w+)\x03")
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[\w.-]+", re.ASCII)
_LONGEST_VALUE = LONGEST_LINE - 100
_QP_LINE = 72
_KEPT = 200
"""Forms: as many as templates, languages and minutes that mails wait."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A message as it goes over the wire, and its envelope."""

    sender: str
    recipient: str = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """Pieces of a message, encoded; between them names of values, with how each is encoded."""

    sender: str
    pieces: tuple[tuple[bytes, str, Callable[[str], str]], ...]
    end: bytes

    def filled(self, recipient: str, values: Mapping[str, str]) -> Filled:
        """Return the message with these values."""
        parts: list[bytes] = []
        for piece, name, encoded in self.pieces:
            parts.append(piece)
            parts.append(encoded(values[name]).encode("ascii"))
        parts.append(self.end)
        return Filled(self.sender, recipient, b"".join(parts))


def mark(name: str) -> str:
    """Return what stands for a value while a template is rendered."""
    return f"\x02{name}\x03"


def can_be_filled_in(address: str, values: Mapping[str, str]) -> bool:
    """Whether an address needs no quoting, and no value any encoding of its own."""
    return _PLAIN_ADDRESS.fullmatch(address) is not None and all(
        value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALUE
        for value in values.values()
    )


class Forms:
    """The forms that this process has made, newest kept."""

    def __init__(self) -> None:
        self._kept: dict[object, Form] = {}

    def form(self, key: object, make: Callable[[], Form]) -> Form:
        """Return the form of a key, made where it is not there."""
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = make()
        return found


def make_form(sender: str, headers: list[str], text: str, html: str, language: str) -> Form:
    """Return the form of a message with two parts. `headers` are folded lines, marks in them."""
    boundary = f"=_{secrets.token_hex(16)}"
    pieces = [*_raw("".join(headers))]
    pieces += _raw(
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
        f"MIME-Version: 1.0\r\nContent-Language: {language}\r\n\r\n"
    )
    for part, subtype in ((text, "plain"), (html, "html")):
        plain = part.isascii() and all(len(line) <= 100 for line in part.splitlines())
        cte = "7bit" if plain else "quoted-printable"
        pieces += _raw(
            f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
            f"Content-Transfer-Encoding: {cte}\r\n\r\n"
        )
        whole = part if part.endswith("\n") else f"{part}\n"
        pieces += _encoded(whole, quoted=not plain, as_html=subtype == "html")
        pieces += _raw("\r\n")
    pieces += _raw(f"--{boundary}--\r\n")
    return Form(sender, *_joined(pieces))


_Piece = tuple[bytes, str, Callable[[str], str]]


def _joined(pieces: list[_Piece]) -> tuple[tuple[_Piece, ...], bytes]:
    """Join neighbours without a value between them."""
    joined: list[_Piece] = []
    waiting = b""
    for piece, name, encoded in pieces:
        waiting += piece
        if name:
            joined.append((waiting, name, encoded))
            waiting = b""
    return tuple(joined), waiting


def _raw(text: str) -> Iterator[_Piece]:
    yield from _split(text, lambda piece: piece.encode("ascii"), str)


def _encoded(text: str, *, quoted: bool, as_html: bool) -> Iterator[_Piece]:
    shown: Callable[[str], str] = escape if as_html else str
    if quoted:
        yield from _split(text, _quoted, lambda value: _quoted_value(shown(value)))
    else:
        yield from _split(text, lambda piece: _crlf(piece.encode()), shown)


def _split(
    text: str, encode: Callable[[str], bytes], encode_value: Callable[[str], str]
) -> Iterator[_Piece]:
    literal, *rest = _MARK.split(text)
    for name, following in zip(rest[::2], rest[1::2], strict=True):
        yield encode(literal), name, encode_value
        literal = following
    yield encode(literal), "", str


def _quoted(piece: str) -> bytes:
    return _crlf(quopri.encodestring(piece.encode()))


def _quoted_value(value: str) -> str:
    """Return a value between soft line breaks."""
    whole = value.replace("=", "=3D")
    lines, at = [], 0
    while at < len(whole):
        end = min(at + _QP_LINE, len(whole))
        while end < len(whole) and "=" in whole[end - 2 : end]:  # never within "=3D"
            end -= 1
        lines.append(whole[at:end])
        at = end
    return "=\r\n" + "=\r\n".join(lines) + "=\r\n"


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
