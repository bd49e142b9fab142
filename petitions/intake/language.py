"""Which of the four languages a paper is written in, and languages by their names."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from babel import Locale

from petitions.intake.countries import READ
from petitions.intake.text import Line, fold
from petitions.intake.wordlists import common_words

_LISTS = {language: common_words(language) for language in READ}
# A word of two languages says nothing.
_SETS = {
    language: words
    - {word for other, others in _LISTS.items() if other != language for word in others}
    for language, words in _LISTS.items()
}
_ALSO = {
    "farsi": "fa", "dari": "fa-AF", "chinese": "zh", "mandarin": "zh", "chinois": "zh",
    "chino": "zh", "chinesisch": "zh", "burmese": "my", "bahasa indonesia": "id",
    "castellano": "es", "kurdish": "ku", "kurde": "ku", "kurdo": "ku", "pashtu": "ps",
    "filipino": "fil", "mapuche": "arn", "mapudungun": "arn", "tamazight": "zgh", "krio": "kri",
    "tetum": "tet", "sorani": "ckb", "kurmanji": "kmr", "nahuatl": "nah", "hmong": "hmn",
    "kiswahili": "sw", "lao": "lo", "laotian": "lo", "dzongkha": "dz", "twi": "tw",
    "tagalog": "tl", "persan": "fa", "persa": "fa", "bosnian": "bs", "kirundi": "rn",
}  # fmt: skip
_OWN = re.compile(
    r"\b(?:your|their) own\b(?! words)|votre (?:propre )?langue|(?:su|tu) (?:propio )?(?:idioma|"
    r"lengua)"
    r"|(?:ihrer|der) (?:eigenen )?(?:mutter)?sprache\b|ihrer eigenen sprache|sprache ihrer wahl"
)


def language_of(lines: Iterable[Line]) -> str | None:
    """Return the language of the paper, or None where none of the four is clearly ahead."""
    counts: Counter[str] = Counter()
    for line in lines:
        for word in re.findall(r"[a-z]+", line.folded):
            for language, common in _SETS.items():
                counts[language] += word in common
    (first, most), (_, second) = counts.most_common(2) if len(counts) > 1 else [("", 0), ("", 0)]
    return first if most >= 3 and most > second * 2 else None


@cache
def _names() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for language in READ:
        for code, name in Locale(language).languages.items():
            if re.fullmatch("[a-z]{2,3}", code):
                found.setdefault(fold(name), set()).add(code)
    known = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
    # Names that are everyday words too ("Ho", "Even", "Lamba") are not looked for in sentences.
    return {name: code for name, code in known.items() if len(code) == 2 and len(name) > 3} | _ALSO


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_names(), key=len, reverse=True)
    endings = "(?:e|en|er|em)?"  # "in gutem Russisch", "auf Russische"
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, words)) + rf"){endings}(?![\w-])")


def languages_named(text: str) -> list[str]:
    """Return codes of the languages named in a phrase, in their order; "own" is the writer's."""
    folded = fold(text)
    places = [(m.start(), _names()[m[1]]) for m in _pattern().finditer(folded)]
    places += [(m.start(), "own") for m in _OWN.finditer(folded)]
    return list(dict.fromkeys(code for _, code in sorted(places)))
