"""The list of signatures that goes to an addressee: one PDF, or numbered volumes of 5,000 lines.

It holds number, name, place and country and nothing else that is known of a signer. How a page
looks is in `signatures.typ`, of a long list in `roll.typ`.
"""

import json
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from anyascii import anyascii

from petitions.documents.coverage import covers
from petitions.documents.entries import Entry, ListHeading, ListReport, Progress, VolumeTold
from petitions.documents.phrases import is_right_to_left, phrases
from petitions.documents.typesetting import isolated, isolated_in_a_list, require_printable
from petitions.documents.volume import write_volume, write_volumes

VOLUME_SIZE = 5000
"""Lines in a volume: with more, typst's memory grows faster than the time that is saved."""

MARK = "*"
"""Stands after a text printed in Latin letters because no installed font has its script."""

ROLL_FROM = 1000
"""Lines above which a list is a roll in three columns: a third of the pages, and of the time."""

_IN_THIS_PROCESS = 500

Row = tuple[str, str, str, str]


def write_lists(
    entries: Iterable[Entry],
    *,
    heading: ListHeading,
    directory: Path,
    volume_size: int = VOLUME_SIZE,
    progress: Progress | None = None,
) -> ListReport:
    """Write `signatures.pdf` into `directory`, or `signatures-01.pdf`, ... where one is too small.

    Entries without a number are left out. Raises UnprintableText for a heading that no font has
    (names are transliterated and marked instead) and TypesettingProblem.
    """
    with ListSpool(heading, directory, volume_size) as spool:
        for entry in entries:
            spool.add(entry)
        return spool.write(progress)


class ListSpool:
    """Takes entries one by one into files on disk, a volume each, and sets them all at the end.

    Only at the end is it known how many volumes there are, and each says so on its pages. The files
    hold names; they lie in `directory` and are gone on leaving.
    """

    def __init__(
        self, heading: ListHeading, directory: Path, volume_size: int = VOLUME_SIZE
    ) -> None:
        require_printable((heading.petition, heading.addressee, heading.reference))
        self._heading = heading
        self._words = phrases(heading.language)
        self._directory = directory
        self._volume_size = volume_size
        self._folder = tempfile.TemporaryDirectory(prefix=".volumes-", dir=directory)
        self._rows: list[Row] = []
        self._marked = 0
        self._volumes: list[Volume] = []
        self.transliterated = 0

    def __enter__(self) -> "ListSpool":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._folder.cleanup()

    def add(self, entry: Entry) -> bool:
        """Take one entry; False, and nothing taken, where it has no number."""
        if entry.number is None:
            return False
        if len(self._rows) == self._volume_size:
            self._close_volume()
        name, place = printable(entry.name), printable(entry.place)
        self._marked += (name, place) != (entry.name, entry.place)
        country = self._words.country(entry.country)
        shown = (isolated_in_a_list(name), isolated_in_a_list(place))
        self._rows.append((str(entry.number), *shown, country))
        return True

    def write(self, progress: Progress | None = None) -> ListReport:
        """Set all volumes and return what was written; nothing can be added afterwards."""
        self._close_volume()
        total = len(self._volumes)
        files = [self._directory / self._file_name(at, total) for at in range(1, total + 1)]
        jobs = [(self._finished(at, total), file) for at, file in enumerate(files, 1)]
        reported = _Reporter(progress, total)
        if total == 1 and self._volumes[0].lines <= _IN_THIS_PROCESS:
            pages = [write_volume(*jobs[0])]
            reported()
        else:
            pages = write_volumes(jobs, reported)
        told = [VolumeTold(v.first, v.last, n) for v, n in zip(self._volumes, pages, strict=True)]
        names = tuple(file.name for file in files)
        return ListReport(names, sum(pages), self.transliterated, tuple(told) if total > 1 else ())

    def _close_volume(self) -> None:
        if not self._rows and self._volumes:
            return
        path = Path(self._folder.name) / f"{len(self._volumes) + 1}.json"
        path.write_text(json.dumps(self._rows, ensure_ascii=False), encoding="utf-8")
        numbers = (self._rows[0][0], self._rows[-1][0]) if self._rows else ("0", "0")
        self._volumes.append(Volume(path, len(self._rows), *numbers, self._marked))
        self.transliterated += self._marked
        self._rows, self._marked = [], 0

    def _finished(self, at: int, total: int) -> Path:
        """The volume's data file, now with all that is printed around its rows."""
        volume = self._volumes[at - 1]
        rows = json.loads(volume.path.read_text(encoding="utf-8"))
        data = {**self._around(volume, at, total), "rows": rows}
        volume.path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return volume.path

    def _around(self, volume: "Volume", at: int, total: int) -> dict[str, object]:
        heading, words = self._heading, self._words
        title = words.text("list_heading")
        return {
            "lang": words.language,
            "rtl": is_right_to_left(words.language),
            "demonstration": heading.demonstration,
            "roll": heading.roll and self._lines() > ROLL_FROM,
            "day": [heading.dated_on.year, heading.dated_on.month, heading.dated_on.day],
            "title": f"{title}: {heading.petition}",
            "heading": title,
            "petition": isolated(heading.petition),
            "reference": isolated(heading.reference),
            "facts": self._facts(volume, at, total),
            "note": words.text("transliterated") if volume.marked else "",
            "words": {
                "demonstration": words.text("demonstration"),
                "page": words.text("page"),
                "columns": words.columns(),
            },
        }

    def _facts(self, volume: "Volume", at: int, total: int) -> list[tuple[str, str]]:
        heading, words = self._heading, self._words
        numbers = {"first": volume.first, "last": volume.last, "total": str(self._lines())}
        facts = [
            (words.text("petition"), isolated(heading.petition)),
            (words.text("addressee"), isolated(heading.addressee)),
            (words.text("reference"), isolated(heading.reference)),
            (words.text("date"), words.day(heading.dated_on)),
            (words.text("numbers"), words.text("numbers_range", **numbers)),
        ]
        if total > 1:
            facts.append(
                (words.text("volume"), words.text("volume_of", volume=str(at), volumes=str(total)))
            )
        return facts

    def _lines(self) -> int:
        return sum(each.lines for each in self._volumes)

    @staticmethod
    def _file_name(at: int, total: int) -> str:
        return "signatures.pdf" if total == 1 else f"signatures-{at:0{max(2, len(str(total)))}}.pdf"


@dataclass(frozen=True, slots=True)
class Volume:
    """The rows of one volume on disk: how many, from which number to which, how many marked."""

    path: Path
    lines: int
    first: str
    last: str
    marked: int


def printable(text: str) -> str:
    """The text as it can be printed: itself, or in Latin letters with a mark."""
    if covers(text):
        return text
    return f"{anyascii(unicodedata.normalize('NFC', text)).strip() or '?'} {MARK}"


class _Reporter:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self) -> None:
        self._done += 1
        if self._progress:
            self._progress("list", self._done, self._total)
