"""Which parts of a translation are older than the original.

A translation notes, field by field, a short hash of the original that it was made from. Where the
original says something else now, the field is outdated, until somebody changes it or says that it
is right as it stands. Nothing is claimed of a field without a note.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Translated(Protocol):
    """A row with words in one language."""

    made_from: dict[str, str] | None


def outdated(
    made_from: Mapping[str, str] | None, told: Mapping[str, Any], original: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the fields that are translated, and whose original changed since."""
    noted = made_from or {}
    return tuple(
        name
        for name, text in original.items()
        if told.get(name) and name in noted and noted[name] != _hashed(text)
    )


def note_original(row: Translated, original: Mapping[str, Any], fields: Iterable[str]) -> None:
    """Note that fields of a translation now follow the original as it is."""
    row.made_from = {**(row.made_from or {}), **{name: _hashed(original[name]) for name in fields}}


def note_before_change(
    rows: Iterable[Translated], original: Mapping[str, Any], fields: Iterable[str]
) -> None:
    """Before fields of the original change: translations without a note were made from these."""
    fields = list(fields)
    for row in rows:
        note_original(row, original, [name for name in fields if name not in (row.made_from or {})])


def _hashed(text: Any) -> str:
    told = json.dumps(text, ensure_ascii=False)
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
