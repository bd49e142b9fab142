"""What differs between two versions of words: field by field, and word by word within a field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from petitions.domain.comparing import aligned

_SIDES = {"same": "same", "old": "out", "new": "in"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `place` is the number of the ask it belongs to, or 0."""

    field: str
    language: str
    place: int
    before: str
    after: str

    def parts(self) -> list[tuple[str, str]]:
        """Return the pieces of both texts: ('same' | 'out' | 'in', words).

        What stands between the same beginning and the same end is compared word by word, where it
        is short enough for that; otherwise it is shown as a whole.
        """
        pieces = aligned(self.before.split(), self.after.split())
        runs = groupby(pieces, key=lambda piece: piece[0])
        return [(_SIDES[kind], " ".join(word for _, word in run)) for kind, run in runs]


def changes_between(
    before: Mapping[str, str], after: Mapping[str, str], language: str, place: int = 0
) -> Iterator[Change]:
    """Yield the fields that differ; both have the same fields."""
    for name, text in after.items():
        if text != before[name]:
            yield Change(name, language, place, before[name], text)
