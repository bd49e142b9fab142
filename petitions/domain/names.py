"""Names, initials and places as signers write them: any script, no disguise.

Normalised to NFC, without control and format characters, but with ZWJ and ZWNJ where letters need
them; not so many marks that a line is flooded; no beginning that a spreadsheet takes for a formula
(Unicode TR 36 and CVE-style formula injection are the threats). Mixed scripts are never refused.
"""

import unicodedata

import regex

LONGEST = 100
NOT_SAID = "N. N."
"""Initials of a signer who left none, where none can be suggested."""
_JOINERS = "\u200c\u200d"
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_MARK_FLOOD = regex.compile(r"[\p{Script=Inherited}&&\p{M}]{4,}|\p{M}{9,}", regex.V1)
_LETTER = regex.compile(r"\p{L}")
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_WHOLE_NAMES = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Yi}]")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
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
    _check(name, longest)
    if not _LETTER.search(name):
        raise NameRefused("no letter")
    return name


def clean_place(text: str, *, longest: int = LONGEST) -> str:
    """Return a place as it is kept; empty stays empty. Raises NameRefused."""
    place = _tidy(text)
    if place:
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
    letters = _letters(initials)
    suggested = _letters(suggested_initials(name))
    whole = len(letters) > 1 and letters == _letters(_tidy(name)) != suggested
    if whole or any(len(run) > _LONGEST_INITIAL for run in _LETTERS.findall(initials)):
        raise NameRefused("not initials")
    return initials


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    kept = (c for i, c in enumerate(text) if _belongs(text, i, c))
    return _SPACES.sub(" ", "".join(kept)).strip()


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text)).casefold()


def _belongs(text: str, index: int, character: str) -> bool:
    category = unicodedata.category(character)
    if character in _JOINERS:
        before = unicodedata.category(text[index - 1])[0] if index else ""
        return before in {"L", "M"}
    if _INVISIBLE.match(character):
        return False
    return category not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _check(text: str, longest: int) -> None:
    if len(regex.findall(r"\X", text)) > longest or len(text) > longest * 8:
        raise NameRefused("too long")
    if text[0] in _FORMULA:
        raise NameRefused("formula")
    if _LINK.search(text):
        raise NameRefused("link")
    if _MARK_FLOOD.search(text):
        raise NameRefused("too many marks")
