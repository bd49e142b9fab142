"""Names in which one word mixes scripts, as "Аnna" with a Cyrillic A: flagged, never refused.

Scripts that are written together in one language (Japanese, Korean, Chinese with Bopomofo) are no
mixture; nor are two words in two scripts, as people with two languages write their names.
Unicode TR 39, section 5, says why.
"""

from functools import lru_cache

import regex
from fontTools.unicodedata import script_extension

_WORDS = regex.compile(r"[\p{L}\p{M}]+")
_TOGETHER = (
    frozenset({"Hani", "Hira", "Kana"}),
    frozenset({"Hani", "Hang"}),
    frozenset({"Hani", "Bopo"}),
)
_ANY = frozenset({"Zyyy", "Zinh", "Zzzz"})


def mixes_scripts(name: str) -> bool:
    """Whether a word of the name is written in two scripts that no language writes together."""
    if name.isascii():  # most are: a fifth of the time
        return False
    return any(not _is_one_script(word) for word in _WORDS.findall(name))


def _is_one_script(word: str) -> bool:
    """Whether all letters share a script, or a set of scripts that belong together."""
    letters = [found for letter in word if not (found := _scripts(letter)) & _ANY]
    shared = frozenset.intersection(*letters) if letters else _ANY
    return bool(shared) or any(all(found & one for found in letters) for one in _TOGETHER)


@lru_cache(maxsize=4096)
def _scripts(letter: str) -> frozenset[str]:
    return frozenset(script_extension(letter))
