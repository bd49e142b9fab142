"""Which texts the installed fonts can print, read from the fonts' own character maps.

It finds the font packages and answers yes or no; how text is set is not its business.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import regex
from fontTools.ttLib import TTCollection, TTFont

# The last two are extras: 15 to 20 MB that only a site with many Chinese, Japanese and Korean
# signers needs. Whichever is installed is used.
FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk", "noto_cjk_sans_otc")

_COLLECTIONS = {".ttc", ".otc"}
_SUFFIXES = {".ttf", ".otf"} | _COLLECTIONS
_CLUSTER = regex.compile(r"\X")
# Characters that print nothing: joiners, variation selectors, direction marks, break opportunities.
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}]")


@cache
def font_folders() -> tuple[Path, ...]:
    """The folders of the installed font packages. Raises LookupError where there is none."""
    specs = (find_spec(name) for name in FONT_PACKAGES)
    folders = tuple(
        Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()
    )
    if not folders:
        raise LookupError(f"no font package is installed: pip install {FONT_PACKAGES[0]}")
    return folders


def uncovered(texts: Iterable[str]) -> str:
    """The clusters of these texts that no font has, each once, in order; empty if all print."""
    clusters = (cluster for text in texts for cluster in _CLUSTER.findall(text))
    return "".join(dict.fromkeys(cluster for cluster in clusters if not _printable(cluster)))


def covers(text: str) -> bool:
    """Whether every grapheme cluster of the text is wholly in one font."""
    if text.isascii() and text.isprintable():
        return True
    return all(map(_printable, _CLUSTER.findall(text)))


@cache
def _character_maps() -> tuple[frozenset[int], ...]:
    files = (path for folder in font_folders() for path in sorted(folder.rglob("*")))
    fonts = (path for path in files if path.suffix.lower() in _SUFFIXES)
    # The ten faces of a CJK collection have the same 45,000 characters: kept once.
    return tuple(dict.fromkeys(covered for path in fonts for covered in _read(path)))


def _read(path: Path) -> Iterator[frozenset[int]]:
    """The code points of each font in the file, one font in memory at a time."""
    faces = [-1]
    if path.suffix.lower() in _COLLECTIONS:
        with TTCollection(path, lazy=True) as collection:
            faces = list(range(len(collection)))
    for face in faces:
        with TTFont(path, lazy=True, fontNumber=face) as font:
            # Glyph names are not asked for; finding them unpacks all outlines (300 MB for CJK).
            font.setGlyphOrder([""] * font["maxp"].numGlyphs)
            yield frozenset(font.getBestCmap() or ())


# Bounded, because clusters come from strangers: a million of them must not fill the memory.
_KNOWN_LIMIT = 50_000
_known: dict[str, bool] = {}


def _printable(cluster: str) -> bool:
    if cluster not in _known:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        _known[cluster] = _in_one_font(cluster)
    return _known[cluster]


def _in_one_font(cluster: str) -> bool:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", cluster))
    if any(unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co"} for char in visible):
        return False
    points = frozenset(map(ord, visible))
    return any(points <= covered for covered in _character_maps())
