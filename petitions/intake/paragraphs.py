"""Running text out of lines: paragraphs, and words that were cut at a line's end."""

from collections import Counter
from collections.abc import Iterable, Sequence

from petitions.intake.text import Line, fold
from petitions.intake.wordlists import wordlist

_KEEPS_HYPHEN = wordlist("keeps_hyphen")


def usual_gap(lines: Sequence[Line]) -> int:
    """How many blank lines stand between two lines of one paragraph here: mostly 0, sometimes 1."""
    gaps = Counter(min(line.gap, 3) for line in lines[1:])
    spaced = sum(count for gap, count in gaps.items() if gap)
    if sum(gaps.values()) < 4 or spaced * 10 < sum(gaps.values()) * 6:
        return 0
    del gaps[0]
    return gaps.most_common(1)[0][0]


def paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines where more blank lines stand than usual; each for itself where all end so."""
    whole = sum(line.text.endswith((".", "!", "?", "”", "»")) for line in lines) * 10
    usual = -1 if lines and whole >= len(lines) * 8 else usual_gap(lines)
    parts: list[list[Line]] = []
    for line in lines:
        if not parts or line.gap > usual or line.bullet:
            parts.append([])
        parts[-1].append(line)
    return parts


def joined(lines: Iterable[Line], words: frozenset[str] = frozenset()) -> str:
    """Return the lines as running text; a word cut at a line's end is made whole where certain."""
    whole = ""
    for line in lines:
        if not whole:
            whole = line.text
        elif _is_cut(whole, line.text):
            whole = _mended(whole, line.text, words)
        else:
            whole = f"{whole} {line.text}"
    return whole


def _is_cut(before: str, after: str) -> bool:
    return len(before) > 1 and before[-1] in "-‐" and before[-2].isalpha() and after[:1].isalpha()


def _mended(before: str, after: str, words: frozenset[str]) -> str:
    head, tail = before[:-1].rpartition(" ")[2], after.partition(" ")[0]
    bare = fold(head + tail).strip(".,;:()«»“”\"'")
    pair = fold(f"{head}-{tail}").strip(".,;:()«»“”\"'")
    whole = bare in words or not (pair in words or fold(head) in _KEEPS_HYPHEN)
    return before[:-1] + after if whole and after[:1].islower() else before + after


def words_of(lines: Iterable[Line]) -> frozenset[str]:
    """Return all words of the document, folded; what mending cut words is checked against."""
    return frozenset(
        word.strip(".,;:()«»“”\"'") for line in lines for word in line.folded.split(" ")
    )
