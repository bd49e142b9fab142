"""Reads the demonstration's TOML files. Knows no table."""

import re
import tomllib
from importlib.resources import files
from typing import Any

Told = dict[str, Any]
_BLANK_LINES = re.compile(r"\n\s*\n")


def read_told(name: str) -> Told:
    """Return a file's content; in texts, lines are joined and blank lines part paragraphs."""
    with files(__package__).joinpath(f"{name}.toml").open("rb") as file:
        told: Told = _joined(tomllib.load(file))
    return told


def _joined(value: Any) -> Any:
    """Undo the line breaks that keep the files readable, at any depth."""
    if isinstance(value, str):
        return "\n\n".join(" ".join(part.split()) for part in _BLANK_LINES.split(value.strip()))
    if isinstance(value, dict):
        return {key: _joined(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_joined(inner) for inner in value]
    return value
