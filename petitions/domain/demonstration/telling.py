"""Reads the demonstration's TOML files. Knows no table.

`name.toml` is told in English and Russian; `name.fr.toml` has the same shape, adds a language, and
is laid over it, lists by place.
"""

import re
import tomllib
from importlib.resources import files
from typing import Any

Told = dict[str, Any]
_BLANK_LINES = re.compile(r"\n\s*\n")
_SPACES = re.compile(r"[ \t\n]+")
"""Not the no-break spaces of French."""


def read_told(name: str) -> Told:
    """Return a file's content; in texts, lines are joined and blank lines part paragraphs."""
    folder = files(__package__)
    told = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    names = sorted(file.name for file in folder.iterdir())
    for other in [one for one in names if one.startswith(f"{name}.") and one != f"{name}.toml"]:
        told = _laid_over(told, tomllib.loads(folder.joinpath(other).read_text(encoding="utf-8")))
    joined: Told = _joined(told)
    return joined


def _laid_over(told: Any, more: Any) -> Any:
    """Add to what is told; lists of tables have the same length."""
    if isinstance(more, dict):
        here = told or {}
        return {**here, **{key: _laid_over(here.get(key), value) for key, value in more.items()}}
    if isinstance(told, list):
        return [_laid_over(one, other) for one, other in zip(told, more, strict=True)]
    return more


def _joined(value: Any) -> Any:
    """Undo the line breaks that keep the files readable, at any depth."""
    if isinstance(value, str):
        parts = _BLANK_LINES.split(value.strip())
        return "\n\n".join(_SPACES.sub(" ", part).strip() for part in parts)
    if isinstance(value, dict):
        return {key: _joined(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_joined(inner) for inner in value]
    return value
