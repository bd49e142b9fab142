"""The labels of Urgent Actions in four languages: which words begin which part of the paper.

All patterns are matched at the beginning of a folded line (no case, no accents), so that a sentence
in the story that happens to use the same words is no label. Each language has its own line.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# Where one ends with ":$" in meaning (`opens`), its words may run over up to three lines.
_NUMBERING = re.compile(r"\d{1,2}[.)]\s+")


@cache
def table() -> dict[str, Any]:
    """Return what labels.toml holds."""
    return tomllib.loads(files("petitions.intake").joinpath("labels.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Found:
    """A label at the start of a line: its name, and where in the folded line it ends."""

    name: str
    end: int
    match: re.Match[str]


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (part["name"], re.compile("|".join(f"(?:{label})" for label in part["labels"])))
        for part in table()["part"]
    )


def label_of(folded: str) -> Found | None:
    """Return the label that a folded line begins with, or None."""
    begin = _NUMBERING.match(folded)  # "1) TAKE ACTION"
    for name, pattern in _compiled():
        match = pattern.match(folded, begin.end() if begin else 0)
        if match:
            return Found(name, match.end(), match)
    return None


@cache
def _banner() -> re.Pattern[str]:
    return re.compile(
        table()["banner"] + r"(?P<rest>(?:\s*$|\s*[-:–—|,.(\d].*|\s+(?:ua|au|extra)\b.*))"
    )


@cache
def _no_more() -> re.Pattern[str]:
    return re.compile(table()["no_more"])


def is_banner(folded: str) -> re.Match[str] | None:
    """Match the words "Urgent Action" at the start of a line, in any of the languages."""
    return _banner().match(folded)


def says_no_more(folded: str) -> bool:
    """Whether a text says that nobody is asked to do anything more."""
    return _no_more().search(folded) is not None
