"""Whether a text can be somebody's name."""

import re

from petitions.intake.text import fold
from petitions.intake.wordlists import wordlist

_PARTICLES = wordlist("particles")
_WORD = re.compile(r"['’‘ʻʼʿ`]?[^\W\d_]+(?:['’ʻʼ`´.-][^\W\d_]+)*[.'’]?")


def is_particle(word: str) -> bool:
    """Whether a word is one of the small ones inside names: "bin", "de", "al"."""
    return fold(word) in _PARTICLES


def is_name(text: str, least: int = 2) -> bool:
    """Whether a text can be somebody's name: capitalised words and particles, nothing else."""
    words = text.replace(",", " ").split()
    solid = [word for word in words if fold(word) not in _PARTICLES]
    return (
        least <= len(solid)
        and len(words) <= 8
        and all(_WORD.fullmatch(word) for word in words)
        and all(_is_capitalised(word) for word in solid)
        and bool(solid)
    )


def _is_capitalised(word: str) -> bool:
    """ "al-Mithal" is, like "Mithal"; letters of scripts without cases count as well."""
    word = word.lstrip("'’‘ʻʼʿ`")
    particle, hyphen, rest = word.partition("-")
    if hyphen and rest and fold(particle) in _PARTICLES:
        word = rest
    elif word[1:2] in {"'", "’"} and len(word) > 2:
        word = word[2:]
    return not word[0].islower()
