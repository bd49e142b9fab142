"""What stands again at the head of each page is read once."""

from collections.abc import Sequence

from petitions.intake.countries import country_called
from petitions.intake.labels import label_of
from petitions.intake.text import Line, fold, is_capitals


def without_running_heads(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without a title's later repetitions.

    A repetition is a line in capitals, or the first of a page, whose words stood above already,
    over as many lines as they took there.
    """
    kept: list[Line] = []
    above = ""
    for at, line in enumerate(lines):
        folded = line.folded
        if _may_repeat(line) and folded in above and _far(lines, at, folded):
            continue
        kept.append(line)
        # Only what opens the paper comes back on its other pages.
        if at < 12 and (is_capitals(line.text) or len(folded.split()) > 3):
            above = f"{above} {folded}"
    return kept


def _may_repeat(line: Line) -> bool:
    heavy = is_capitals(line.text) and len(line.text.split()) >= 3
    opening = line.new_page and len(line.text.split()) >= 3
    if not (heavy or opening) or line.bullet:
        return False
    return label_of(line.folded) is None and country_called(line.text) is None


def _far(lines: Sequence[Line], at: int, folded: str) -> bool:
    """The words above are no part of this very line: two lines may begin alike."""
    return any(fold(line.text) in folded or folded in fold(line.text) for line in lines[:at])
