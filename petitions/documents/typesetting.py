"""Setting one document with typst: a template of this package, data as JSON, a PDF out.

typst was right in all 25 scripts tried and the fastest of the engines measured. Data reaches a
template only as JSON strings, which typst never reads as markup. The PDF is PDF/A-2a and PDF/UA-1:
tagged, and a missing glyph is an error instead of an empty box.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import cast

import regex
import typst

from petitions.documents.coverage import font_folders, uncovered

_HERE = Path(__file__).parent
_STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]
_LAST_RESORT = ("Noto Sans Symbols", "Noto Emoji")

# A column of a letter has room for about 40 characters, one of a list for about 20.
_LONG_RUN = regex.compile(r"\S{41,}")
_LONG_IN_A_LIST = regex.compile(r"\S{20,}")
# What people copy and search for, letter by letter: mail addresses, references, numbers of faxes.
_COPIED = regex.compile(r"[^\s@]+@[^\s@]+|[^\s/]+/\d+|[-+./()\d]+")
_CLUSTER = regex.compile(r"\X")
# Embeddings, overrides and isolates: one of them inside would end the isolate around it.
_DIRECTION_MARK = regex.compile("[\u202a-\u202e\u2066-\u2069]")
_CLUSTERS_BETWEEN_BREAKS = 8
_SCREEN = 96.0
"""Pixels an inch of a page that is looked at: A4 is then 794 pixels wide."""


class TypesettingProblem(RuntimeError):
    """A document could not be set. The message names the document, never its text."""


class UnprintableText(TypesettingProblem):
    """No installed font has these characters; a further font package may."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"no installed font can print: {' '.join(characters[:20])}")
        self.characters = characters


def typeset(
    template: str,
    data: Mapping[str, object],
    path: Path,
    dated_on: date,
    *,
    picture: bytes | None = None,
) -> int:
    """Set `template` (a file beside this module) with `data`, write the PDF, return its pages.

    `picture` is one the template shows: a file of the format it expects. The day stands in the file
    instead of the time of writing, so the same data give the same bytes.
    Raises TypesettingProblem.
    """
    values = {**data, "fonts": _families(), "day": [dated_on.year, dated_on.month, dated_on.day]}
    stamp = int(datetime.combine(dated_on, time(), UTC).timestamp())
    inputs = {"data": json.dumps(values, ensure_ascii=False)}
    if picture is not None:
        inputs["picture"] = json.dumps(list(picture))  # typst takes strings alone
    compiler = typst.Compiler(_HERE / template, root=_HERE, font_paths=_fonts(), sys_inputs=inputs)
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=_STANDARDS, timestamp=stamp)
        pages = int(json.loads(compiler.query("<pages>", field="value", one=True)))
    except RuntimeError:
        # typst quotes the text it stumbled over, which may be somebody's name: not passed on.
        raise TypesettingProblem(f"{template} could not be set") from None
    path.write_bytes(cast("bytes", pdf))
    return pages


def _compiler(
    template: str, data: Mapping[str, object], dated_on: date, picture: bytes | None
) -> typst.Compiler:
    values = {**data, "fonts": _families(), "day": [dated_on.year, dated_on.month, dated_on.day]}
    inputs = {"data": json.dumps(values, ensure_ascii=False)}
    if picture is not None:
        inputs["picture"] = json.dumps(list(picture))
    return typst.Compiler(_HERE / template, root=_HERE, font_paths=_fonts(), sys_inputs=inputs)


def asked(
    template: str,
    data: Mapping[str, object],
    dated_on: date,
    label: str,
    *,
    picture: bytes | None = None,
) -> list[float]:
    """Lay `template` out as `typeset` does, write nothing, and return the numbers under a label.

    Raises TypesettingProblem.
    """
    compiler = _compiler(template, data, dated_on, picture)
    try:
        found = json.loads(compiler.query(label, field="value", one=True))
    except RuntimeError:
        raise TypesettingProblem(f"{template} could not be laid out") from None
    return [float(number) for number in found]


def draw_pages(
    template: str, data: Mapping[str, object], dated_on: date, *, picture: bytes | None = None
) -> list[bytes]:
    """Set `template` as `typeset` does, and return its pages as PNG, to be looked at on a screen.

    Raises TypesettingProblem.
    """
    compiler = _compiler(template, data, dated_on, picture)
    try:
        drawn = compiler.compile(format="png", ppi=_SCREEN)
    except RuntimeError:
        raise TypesettingProblem(f"{template} could not be drawn") from None
    return [drawn] if isinstance(drawn, bytes) else cast("list[bytes]", drawn)


def draw(template: str, data: Mapping[str, object]) -> bytes:
    """Set `template` with `data` and return its one page as PNG, a point of the page as a pixel.

    A missing glyph is no error here: ask `covers` before. Raises TypesettingProblem.
    """
    inputs = {"data": json.dumps({**data, "fonts": _families()}, ensure_ascii=False)}
    compiler = typst.Compiler(_HERE / template, root=_HERE, font_paths=_fonts(), sys_inputs=inputs)
    try:
        return cast("bytes", compiler.compile(format="png", ppi=72))
    except RuntimeError:
        raise TypesettingProblem(f"{template} could not be drawn") from None


def require_printable(texts: Iterable[str]) -> None:
    """Raise UnprintableText where a text has characters that no installed font has."""
    if missing := uncovered(texts):
        raise UnprintableText(missing)


def isolated(text: str) -> str:
    """The text so that its direction reorders nothing around it (UAX 9), and so that it wraps.

    First-strong isolate around it, direction marks in it dropped. Only what would not fit a line
    of a letter gets zero-width spaces: they are copied with the text. Mail addresses, references
    and telephone numbers never get any.
    """
    return _isolated(text, _LONG_RUN, _breakable_unless_copied)


def isolated_in_a_list(text: str) -> str:
    """The same for the narrow columns of a list, where whatever anybody wrote has to wrap."""
    return _isolated(text, _LONG_IN_A_LIST, _breakable)


def _isolated(
    text: str, long: regex.Pattern[str], breakable: Callable[[regex.Match[str]], str]
) -> str:
    plain = _DIRECTION_MARK.sub("", text)
    return f"\u2068{long.sub(breakable, plain)}\u2069" if plain else ""


def begins_right_to_left(text: str) -> bool:
    """Whether the first strong character is right-to-left (UAX 9, rules P2 and P3)."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((way for way in directions if way in {"L", "R", "AL"}), "L") != "L"


def _breakable_unless_copied(run: regex.Match[str]) -> str:
    return run.group() if _COPIED.fullmatch(run.group()) else _breakable(run)


def _breakable(run: regex.Match[str]) -> str:
    clusters = _CLUSTER.findall(run.group())
    step = _CLUSTERS_BETWEEN_BREAKS
    return "\u200b".join("".join(clusters[at : at + step]) for at in range(0, len(clusters), step))


@cache
def _fonts() -> typst.Fonts:
    folders = [str(folder) for folder in font_folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _families() -> list[str]:
    """Noto Sans first, symbols and emoji last, so that a digit never comes from the emoji font.

    Of the regional forms of Han characters the simplified Chinese ones come first.
    """
    return sorted(_fonts().families(), key=_rank)


def _rank(family: str) -> tuple[bool, bool, bool, str]:
    other_han = "CJK" in family and not family.endswith(" SC")
    return (family != "Noto Sans", family in _LAST_RESORT, other_han, family)
