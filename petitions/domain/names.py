"""Names, initials and places as signers write them: any script, no disguise.

Normalised to NFC, without control and format characters, but with ZWJ and ZWNJ where letters need
them; not so many marks that a line is flooded; no beginning that a spreadsheet takes for a formula
(UTR 36 and OWASP's CSV injection are the threats). Mixed scripts are never refused.
"""

import unicodedata

import regex
from fontTools.unicodedata import script

LONGEST = 200
"""Graphemes. Picasso's name at his baptism has 121."""
NOT_SAID = "N. N."
"""Initials of a signer who left none, where none can be suggested."""
_JOINERS = "\u200c\u200d"
_FORMULA = frozenset("=+-@")
_BREAKS = frozenset("\t\r\n")
_BASE_AND_MANY_MARKS = regex.compile(r"(\P{M}?)(\p{M}{4,})")
_MOST_MARKS = 8  # of the base's own script: Burmese needs five
_MOST_OTHER_MARKS = 3  # in a row, of script Inherited or another one
_LETTER = regex.compile(r"\p{L}")
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_WHOLE_NAMES = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Yi}]")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
# They choose among the forms of a sign, as its bearers write it (UTS 37; Mongolian free variants).
_FORM_CHOSEN = regex.compile(
    r"\p{Han}[\ufe00-\ufe02\U000e0100-\U000e01ef]|[\p{Mongolian}&&\p{L}][\u180b-\u180d\u180f]",
    regex.V1,
)
_LINK = regex.compile(r"://|\bwww\.", regex.IGNORECASE)
_LONGEST_INITIAL = 3
_FIRST_LETTER = regex.compile(r"\p{L}\p{M}*")
_SPACES = regex.compile(r"\s+")


class NameRefused(ValueError):
    """A name, initials or place cannot be taken; `reason` is one of the words below.

    'empty', 'too long', 'no letter', 'too many marks', 'formula', 'link', 'not initials'.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_name(text: str, *, longest: int = LONGEST) -> str:
    """Return a name as it is kept. Length is in graphemes. Raises NameRefused."""
    name = _tidy(text)
    if not name:
        raise NameRefused("empty")
    _check_beginning(text)
    _check(name, longest)
    if not _LETTER.search(name):
        raise NameRefused("no letter")
    return name


def clean_place(text: str, *, longest: int = LONGEST) -> str:
    """Return a place as it is kept; empty stays empty. Raises NameRefused."""
    place = _tidy(text)
    if place:
        _check_beginning(text)
        _check(place, longest)
    return place


def suggested_initials(name: str) -> str:
    """Return the first letter of each word of a name, each with a full stop, at most six.

    Empty where one sign may be a whole family name, as in Chinese and Korean: the signer decides.
    """
    words = _tidy(name).replace("-", " ").split(" ")
    firsts = [found.group() for word in words if (found := _FIRST_LETTER.search(word))]
    if any(_WHOLE_NAMES.match(letter) for letter in firsts):
        return ""
    return " ".join(f"{letter.upper()}." for letter in firsts[:6])


def clean_initials(text: str, name: str) -> str:
    """Return initials as their signer writes them; empty stays empty. Raises NameRefused.

    What is nearly the name is refused: whoever chose initials did not mean to give it.
    """
    initials = clean_place(text, longest=20)
    suggested = suggested_initials(name)
    letters = _letters(initials)
    whole = len(letters) > 1 and letters == _letters(_tidy(name)) != _letters(suggested)
    own = set(_LETTERS.findall(suggested))  # one letter with its marks may be five characters
    runs = set(_LETTERS.findall(initials))
    if whole or any(len(run) > _LONGEST_INITIAL for run in runs - own):
        raise NameRefused("not initials")
    return initials


def _tidy(text: str) -> str:
    kept: list[str] = []
    base = ""  # what marks and joiners now stand on
    for character in _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip():
        if not _belongs(character, base, kept[-1] if kept else ""):
            continue
        kept.append(character)
        if character not in _JOINERS and unicodedata.category(character)[0] != "M":
            base = character
    # What was dropped may have stood between a letter and its mark.
    return unicodedata.normalize("NFC", _SPACES.sub(" ", "".join(kept)).strip())


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(_INVISIBLE.sub("", text))).casefold()


def _belongs(character: str, base: str, before: str) -> bool:
    if character in _JOINERS:
        return bool(_LETTER.match(base))
    if _INVISIBLE.match(character):
        return bool(_FORM_CHOSEN.fullmatch(before + character))
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _check(text: str, longest: int) -> None:
    if len(regex.findall(r"\X", text)) > longest or len(text) > longest * 8:
        raise NameRefused("too long")
    if unicodedata.normalize("NFKC", text[0]) in _FORMULA:  # full-width and small forms too
        raise NameRefused("formula")
    if _LINK.search(text):
        raise NameRefused("link")
    if _flooded(text):
        raise NameRefused("too many marks")


def _check_beginning(text: str) -> None:
    # As it was typed: within a name a tab or a new line becomes a space, before it there is none.
    if _BREAKS.intersection(text[: len(text) - len(text.lstrip())]):
        raise NameRefused("formula")


def _flooded(text: str) -> bool:
    joined = text.translate(dict.fromkeys(map(ord, _JOINERS)))
    return any(_too_many(base, marks) for base, marks in _BASE_AND_MANY_MARKS.findall(joined))


def _too_many(base: str, marks: str) -> bool:
    own = script(base) if base else ""
    others = 0
    for mark in marks:
        others = 0 if script(mark) == own else others + 1
        if others > _MOST_OTHER_MARKS:
            return True
    return len(marks) > _MOST_MARKS
