"""What was read, held against what a person finds on the paper: right, empty, or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parent / "documents"
_EMPTY: tuple[object, ...] = (None, [], {}, "")
# What tells an item of a list from its neighbours: one that is missing must not shift the others.
_KEYS = {"people": ("name",), "asks": ("text",), "officials": ("office", "name", "organisation")}


@dataclass
class Count:
    """How many fields were read as the paper has them, were left empty, and were wrong."""

    right: int = 0
    empty: int = 0
    wrong: int = 0
    faults: tuple[str, ...] = ()


def papers() -> list[Path]:
    """The documents that have an expected result beside them."""
    return sorted(path for path in DOCUMENTS.glob("*.txt") if path.with_suffix(".json").exists())


def compare(expected: dict[str, Any], got: dict[str, Any]) -> Count:
    """Count fields; a value where the paper has none is wrong, an empty one only is not right."""
    count = Count()
    wanted = dict(_leaves(expected))
    found = dict(_leaves(_paired(expected, got)))
    for path in sorted({*wanted, *found}):
        if wanted.get(path) == found.get(path):
            count.right += 1
        elif path not in found:
            count.empty += 1
            count.faults += (f"{path} is empty, not {wanted[path]!r}",)
        else:
            count.wrong += 1
            count.faults += (f"{path} is {found[path]!r}, not {wanted.get(path)!r}",)
    return count


def _paired(expected: dict[str, Any], got: dict[str, Any]) -> dict[str, Any]:
    """An official whose name was left empty is still the one of that office: told by its `key`."""
    officials = []
    for one in got.get("officials", []):
        same = [
            other
            for other in expected.get("officials", [])
            if any(one[key] and one[key] == other[key] for key in _KEYS["officials"])
        ]
        officials.append({**one, "key": _key("officials", same[0])} if len(same) == 1 else one)
    return {**got, "officials": officials}


def _key(path: str, item: dict[str, Any]) -> str | None:
    named = [str(item[key]) for key in _KEYS.get(path, ()) if item[key]]
    return named[0] if named else None


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "key" and (path or key not in {"doubts", "left"}):
                yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            told = inner.get("key") or _key(path, inner) if isinstance(inner, dict) else None
            name = told or (inner if isinstance(inner, str) else at)
            yield from _leaves(inner, f"{path}[{name}]")
    elif value not in _EMPTY:
        yield path, value
