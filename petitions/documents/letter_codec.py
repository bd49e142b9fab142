"""A letter as JSON and back, so that a letter can be kept as it was when its bundle was frozen.

Reading is strict: what was not written here is refused and never guessed. The letterhead is kept
elsewhere and named by its SHA-256. A field that `Letter` gets later needs a new version here, which
reads the versions before as well.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any, cast, get_args, get_origin, get_type_hints

from petitions.documents.entries import Counts, Letter, LetterAddressee

VERSION = 4
_SINCE: Mapping[int, Mapping[str, Any]] = {
    2: {"copy_of": []},
    3: {
        "form_of_address": "",
        "obligation": "",
        "case_number": "",
        "one_side_only": False,
        "enclosures": [],
        "first_volume": False,
        "numbers_pages": None,
        "continues": "",
        "continues_on": None,
        "is_translation": False,
        "translated": False,
    },
    4: {"setting": 1},
}
"""What each version brought, with what letters of before say of it."""

_PARTS = (Letter, LetterAddressee, Counts)
_Letterheads = Callable[[str], bytes]


class LetterUnreadable(ValueError):
    """What should be a letter is none, or of a version unknown here. Quotes nothing of it."""


def encode_letter(letter: Letter) -> dict[str, Any]:
    """Return the letter as values that JSON has, with the version and the letterhead's SHA-256."""
    return {"version": VERSION, **_encoded(letter), "letterhead": letterhead_name(letter)}


def letterhead_name(letter: Letter) -> str | None:
    """Return the SHA-256 that a letter's letterhead is kept under, if it has one."""
    return None if letter.letterhead is None else sha256(letter.letterhead).hexdigest()


def decode_letter(data: object, letterheads: Callable[[str], bytes]) -> Letter:
    """Invert `encode_letter`; `letterheads` finds a letterhead by its SHA-256.

    Raises LetterUnreadable, and what `letterheads` raises.
    """
    if not isinstance(data, Mapping) or data.get("version") not in range(1, VERSION + 1):
        raise LetterUnreadable(f"this is no letter of version 1 to {VERSION}")
    values = {key: value for key, value in data.items() if key != "version"}
    for version, brought in _SINCE.items():
        if data["version"] >= version:
            continue
        if any(values.setdefault(name, nothing) != nothing for name, nothing in brought.items()):
            raise LetterUnreadable(f"a letter of before version {version} has none of what it has")
    try:
        name = values.get("letterhead")
        letter = cast("Letter", _decoded(Letter, {**values, "letterhead": None}))
    except ValueError as problem:
        raise LetterUnreadable(str(problem)) from None
    if "letterhead" not in values or not (name is None or isinstance(name, str)):
        raise LetterUnreadable("a letter's letterhead is not named as it should be")
    return letter if name is None else _with_letterhead(letter, name, letterheads)


def _with_letterhead(letter: Letter, name: str, letterheads: _Letterheads) -> Letter:
    content = letterheads(name)
    if sha256(content).hexdigest() != name:
        raise LetterUnreadable("a letter's letterhead is not the one it was frozen with")
    values = {each.name: getattr(letter, each.name) for each in fields(letter)}
    return Letter(**{**values, "letterhead": content})


def _encoded(part: Letter | LetterAddressee | Counts) -> dict[str, Any]:
    return {
        each.name: _plain(getattr(part, each.name))
        for each in fields(part)
        if each.name != "letterhead"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, _PARTS):
        return _encoded(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@cache
def _types(part: type) -> dict[str, Any]:
    return get_type_hints(part)


def _decoded(part: type, data: object) -> Any:
    wanted = _types(part)
    if not isinstance(data, Mapping) or set(data) != set(wanted):
        raise LetterUnreadable(f"a {part.__name__} has other fields than it should have")
    return part(**{name: _value(kind, data[name], name) for name, kind in wanted.items()})


def _value(kind: Any, value: Any, name: str) -> Any:
    """The value as the field's type has it. Raises LetterUnreadable, naming the field alone."""
    if get_origin(kind) is types.UnionType:  # all of them: something or None
        return None if value is None else _value(get_args(kind)[0], value, name)
    if kind in _PARTS:
        return _decoded(kind, value)
    if get_origin(kind) is tuple:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
    elif kind is date:
        if isinstance(value, str):
            return date.fromisoformat(value)
    elif type(value) is kind:  # exactly: True is no number
        return value
    raise LetterUnreadable(f"a letter's field {name} is not what it should be")
