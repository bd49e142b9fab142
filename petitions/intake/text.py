"""Lines with their numbers, cleaned of what a page adds: bullets, form feeds, odd spaces."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from petitions.intake.draft import Doubt
from petitions.intake.refusals import IntakeError

LONGEST = 400_000
_LONGEST_LINE = 20_000
# Private-use characters are what Word's symbol fonts become; the rest are bullets by themselves.
_ALWAYS_BULLET = "\ue000-\uf8ff•▪■●◦‣∙⁃➢➤►▶✓✔❑❖◆◊□◾"
_ANYWHERE = re.compile(f"[{_ALWAYS_BULLET}]+")
_AT_START = re.compile(
    r"(?:-(?=[^\W\d])|(?:(?!\+\s*[\d(])[-–—*·>+]{1,2}|[§Øüo](?=\s+[A-ZÀ-Þ¡]))\s+(?=\S))"
)
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|pag|pagina|seite|p)\.?\s*\d{1,3}(?:\s*(?:of|de|sur|von|/)\s*\d{1,3})?"
    r"|[-–—]\s*\d{1,3}\s*[-–—]|\d{1,2}\s*(?:/|of|de|sur|von)\s*\d{1,2}|\d{1,2})"
)
_QUOTED = re.compile(r"^[ \t]*>[> ]*", re.MULTILINE)
_MAIL = 8  # so many lines begin with ">" where a mail quotes the paper
_NUMBER_LABEL = re.compile(r"\b(?:fax|tel|phone|telecopie)")


@dataclass(frozen=True)
class Line:
    """A line that is not blank. `gap` counts the blank lines above it, `wide` keeps its spaces."""

    number: int
    text: str
    wide: str
    gap: int = 0
    bullet: bool = False
    new_page: bool = False

    @property
    def folded(self) -> str:
        """The line as labels are compared: without case and accents."""
        return fold(self.text)


class Doubts:
    """What was seen and not understood, gathered while reading."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], Doubt] = {}

    def add(self, line: Line, reason: str, text: str | None = None) -> None:
        """Note a doubt about a line; the same one is noted once."""
        doubt = Doubt(line.number, text if text is not None else line.text, reason)
        self._found.setdefault((line.number, reason), doubt)

    def in_order(self) -> list[Doubt]:
        """Return the doubts from the top of the document to its end."""
        return sorted(self._found.values(), key=lambda doubt: doubt.line)


def fold(text: str) -> str:
    """Return the text without case, accents and odd apostrophes, to compare it with."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    kept = "".join(c for c in apart if not unicodedata.combining(c))
    return _SPACES.sub(" ", kept.casefold()).strip()


def flat(text: str) -> str:
    """Like fold(), but place for place: a match in it is at the same place of the text."""
    return "".join(_flat(c) for c in text)


def _flat(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[:1].casefold()
    if character in "’‘":
        return "'"
    return " " if character.isspace() else base if len(base) == 1 else character


def is_capitals(text: str) -> bool:
    """Whether all letters that have a case are capitals, and there are some."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 2 and not any(c.islower() for c in letters)


def read_lines(text: str) -> list[Line]:
    """Return the document's lines, numbered from 1 as an editor does, without blank ones.

    Raises IntakeError where the text is too long to be an Urgent Action.
    """
    if len(text) > LONGEST:
        raise IntakeError(f"the text is longer than {LONGEST} characters: no Urgent Action is")
    lines = _with_values([line for line in _numbered(text) if line.text])
    return _evenly_spaced(_without_lone_bullets(_without_page_numbers(lines)))


def _numbered(text: str) -> Iterator[Line]:
    gap, new_page = 0, False
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(_QUOTED.findall(whole)) >= _MAIL:
        whole = _QUOTED.sub("", whole)
    for number, raw in enumerate(whole.split("\n"), start=1):
        new_page = new_page or "\f" in raw
        parts = list(_parts(raw[:_LONGEST_LINE]))
        if not parts:
            gap += 1
            continue
        for wide, bullet in parts:
            yield Line(number, _SPACES.sub(" ", wide).strip(), wide, gap, bullet, new_page)
            gap, new_page = 0, False


def _parts(raw: str) -> Iterator[tuple[str, bool]]:
    """One line's pieces: bullets that a PDF has drawn side by side begin one each."""
    soft = raw.replace("\u00ad\n", "").replace("\f", " ").replace("\t", "    ")
    tidy = _INVISIBLE.sub("", unicodedata.normalize("NFC", soft))
    tidy = _CONTROL.sub("", re.sub("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]", " ", tidy))
    pieces = _ANYWHERE.split(tidy)
    first = pieces[0].strip()
    dash = _AT_START.match(first)
    if first:
        indent = pieces[0][: len(pieces[0]) - len(pieces[0].lstrip())]
        yield (first[dash.end() :] if dash else indent + first), dash is not None
    for piece in pieces[1:]:
        yield piece.lstrip(". ").strip(), True


def _without_page_numbers(lines: Sequence[Line]) -> list[Line]:
    kept: list[Line] = []
    dropped = False
    for line in lines:
        before = kept[-1].text if kept else ""
        # Digits under digits may be the rest of a number that did not fit its line.
        continues = before[-1:] in set("0123456789-+/") and _NUMBER_LABEL.search(fold(before))
        if _PAGE_NUMBER.fullmatch(line.folded) and not continues:
            dropped = True
            continue
        # The gap around a page's number is the page's, not the text's.
        inside = dropped and not before.endswith((".", "!", "?", ":", ";"))
        kept.append(replace(line, gap=0) if inside else line)
        dropped = False
    return kept


def _without_lone_bullets(lines: Sequence[Line]) -> list[Line]:
    kept: list[Line] = []
    pending = False
    for line in lines:
        lone = not line.text or line.text in {"-", "–", "—", "*", "·", "o"}
        if not lone:
            kept.append(replace(line, bullet=True) if pending else line)
        pending = lone
    return kept


def _evenly_spaced(lines: list[Line]) -> list[Line]:
    """Where a blank line stands between all lines, it says nothing, and is not counted."""
    gaps = [line.gap for line in lines[1:]]
    if len(gaps) < 5 or sum(gap > 0 for gap in gaps) * 10 < len(gaps) * 9:
        return lines
    usual = min(gap for gap in gaps if gap > 0)
    return [replace(line, gap=max(0, line.gap - usual)) for line in lines]


_LONE_LABEL = re.compile(
    r"(?:ai[ -])?(?:index|indice)(?: ai)?\s*:|(?:ua|au|extra)(?: (?:no|nr|n°)\.?)?\s*:"
    r"|(?:issue date|date of issue|date|fecha|fecha de emision|datum|title|titulo|titre)\s*:"
    r"|(?:country|pais)\s*:"
)


def _with_values(lines: list[Line]) -> list[Line]:
    """ "Index:" alone on a line has its value on the next, as tables give them."""
    kept: list[Line] = []
    for line in lines:
        above = kept[-1] if kept else None
        if above and _LONE_LABEL.fullmatch(above.folded) and not line.text.endswith(":"):
            text = f"{above.text} {line.text}"
            kept[-1] = replace(above, text=text, wide=text)
        else:
            kept.append(line)
    return kept
