"""The word lists of vocabulary.toml; what they are used for is told where they are used."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("petitions.intake").joinpath("vocabulary.toml").read_text("utf-8"))


def wordlist(name: str) -> frozenset[str]:
    """Return the words of one list; a list of phrases has one in each of its entries."""
    words = _table()[name]
    return frozenset(words.split() if isinstance(words, str) else words)


def common_words(language: str) -> frozenset[str]:
    """Return words that papers in a language are full of."""
    return frozenset(_table()["common"][language].split())
