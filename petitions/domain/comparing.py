"""Which pieces of two texts are the same, and which are old or new. The work has an end.

Two texts that repeat themselves can make a thorough comparison run for minutes. What both begin
and end with is set aside; between, at most `MOST` pairs are looked at, each once.
"""

from collections.abc import Iterator, Sequence

MOST = 400 * 400
"""How many pairs of pieces are compared; beyond that all between is told as old, then as new."""

Part = tuple[str, str]


def aligned(old: Sequence[str], new: Sequence[str], most: int = MOST) -> tuple[Part, ...]:
    """Return the pieces of two texts in order, each marked 'same', 'old' or 'new'.

    Pieces are whatever the caller compares: paragraphs, or words.
    """
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    is_short = len(left) * len(right) <= most
    between = _matched(left, right) if is_short else _apart(left, right)
    same = [("same", piece) for piece in old]
    return (*same[:head], *between, *same[len(old) - tail :])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return with how many equal pieces both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    differs = (place for place, (one, other) in pairs if one != other)
    return next(differs, min(len(old), len(new)))


def _apart(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    yield from (("old", piece) for piece in old)
    yield from (("new", piece) for piece in new)


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    """Yield the parts along a longest common subsequence; each pair of pieces is looked at once."""
    longest = _longest(old, new)
    i = j = was_i = was_j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            yield from _apart(old[was_i:i], new[was_j:j])
            yield "same", old[i]
            i, j = i + 1, j + 1
            was_i, was_j = i, j
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    yield from _apart(old[was_i:], new[was_j:])


def _longest(old: Sequence[str], new: Sequence[str]) -> list[list[int]]:
    """Return, for each pair of places, how many pieces the texts from there on can share."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = table[i], table[i + 1]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    return table
