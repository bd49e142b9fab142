"""Putting one bundle together: list, letter, record data, commitments, bag, signature.

It decides the layout inside the bag and checks that the numbers agree; how each file is written is
said in its own module. Entries are iterated once, and memory stays flat however many there are.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

from petitions.documents.bag import BundleProof, write_bundle_zip
from petitions.documents.commitments import CommitmentSorter
from petitions.documents.entries import BundleContent, Counts, Entry, ListReport, Progress
from petitions.documents.letter import asks_for_one_side, write_letter
from petitions.documents.minisigning import SigningKey
from petitions.documents.name_list import ListSpool
from petitions.documents.numbers_sheet import write_numbers
from petitions.documents.one_side import ask_for_one_side
from petitions.documents.record import CsvRows, JsonRows, write_xlsx
from petitions.documents.staging import clear_leftovers, staging_folder

__all__ = ["CountsDiffer", "clear_leftovers", "write_bundle"]

_REPORT_EVERY = 1000


class CountsDiffer(ValueError):
    """The entries are not as many as the letter says."""


def write_bundle(
    bundle: BundleContent,
    out_path: Path,
    signing_key: SigningKey,
    progress: Progress | None = None,
) -> BundleProof:
    """Write the bundle's zip to `out_path` and return its proof.

    The list comes first, because the letter says how many pages are enclosed. `progress` is called
    with ("entries" | "list" | "letter" | "bag", done, total). Raises CountsDiffer where the entries
    are not as many as `letter.counts` says, UnprintableText and TypesettingProblem. A killed build
    leaves names in plain text beside `out_path`, for `clear_leftovers`.
    """
    report = progress or _silent
    with staging_folder(out_path.parent) as staging:
        facts = _write_payload(bundle, staging, report)
        report("bag", 0, 1)
        proof = write_bundle_zip(
            staging,
            [*bundle.info, ("External-Identifier", bundle.bundle_id), *facts],
            signing_key,
            out_path,
            root=_folder_name(bundle.bundle_id),
            trusted_comment=_trusted_comment(bundle),
        )
    report("bag", 1, 1)
    return proof


def _write_payload(bundle: BundleContent, staging: Path, report: Progress) -> list[tuple[str, str]]:
    """Write all under `data/` and return what bag-info says of it."""
    handover, record = staging / "data" / "handover", staging / "data" / "record"
    handover.mkdir(parents=True)
    record.mkdir()
    nonce = bundle.nonce.hex() + "\n"
    (record / "nonce.txt").write_text(nonce, encoding="ascii", newline="")
    letter = bundle.letter
    facts = _count_facts(letter.counts)
    if letter.names_enclosed:
        written, by_country = _write_names(bundle, staging, report)
        letter = replace(letter, list_pages=written.pages, list_files=len(written.files))
        facts.append(("Transliterated-Names", str(written.transliterated)))
        if letter.first_volume and bundle.heading and written.volumes:
            path = handover / "numbers.pdf"
            pages = write_numbers(letter, bundle.heading, written.volumes, by_country, path)
            letter = replace(letter, numbers_pages=pages, list_pages=written.volumes[0].pages)
            facts.append(("First-Handover", f"letter.pdf numbers.pdf {written.files[0]}"))
    report("letter", 0, 1)
    write_letter(letter, handover / "letter.pdf")
    if bundle.translation is not None:
        write_letter(bundle.translation, handover / "translation.pdf")
    if asks_for_one_side(letter):
        for path in sorted(handover.glob("*.pdf")):
            ask_for_one_side(path)
    report("letter", 1, 1)
    return facts


def _write_names(
    bundle: BundleContent, staging: Path, report: Progress
) -> tuple[ListReport, dict[str, int]]:
    """Write list and record data in one pass over the entries: each may be costly to open.

    Return what was written, and the lines of the list by country.
    """
    counts = bundle.letter.counts
    if bundle.heading is None or counts is None:
        raise ValueError("a bundle with names needs a list heading and counts")
    record = staging / "data" / "record"
    tally = _Tally(counts.eligible, report)
    with ExitStack() as stack:
        spool = stack.enter_context(
            ListSpool(bundle.heading, staging / "data" / "handover", bundle.volume_size)
        )
        sorter = stack.enter_context(CommitmentSorter(bundle.bundle_id))
        csv_file, jsonl_file, commitments = (
            stack.enter_context((record / name).open("w", encoding="utf-8", newline=""))
            for name in ("signatures.csv", "signatures.jsonl", "commitments.txt")
        )
        takers = (tally.add, CsvRows(csv_file).add, JsonRows(jsonl_file).add, sorter.add, spool.add)
        passed = _passed_to(bundle.entries(), takers)
        write_xlsx(passed, record / "signatures.xlsx", rows=counts.listed)
        sorter.write(commitments)
        if tally.counts != counts:
            raise CountsDiffer(f"the letter says {counts}, the entries are {tally.counts}")
        return spool.write(report), tally.by_country


def _passed_to(
    entries: Iterable[Entry], takers: tuple[Callable[[Entry], object], ...]
) -> Iterator[Entry]:
    for entry in entries:
        for take in takers:
            take(entry)
        yield entry


class _Tally:
    """Counts the entries that go by, and says so now and then."""

    def __init__(self, expected: int, report: Progress) -> None:
        self._expected, self._report, self._seen = expected, report, 0
        self._by_appearance = {"full": 0, "initials": 0, "counted": 0}
        self.by_country: dict[str, int] = {}

    def add(self, entry: Entry) -> None:
        self._by_appearance[entry.appearance] += 1
        if entry.number is not None:
            self.by_country[entry.country] = self.by_country.get(entry.country, 0) + 1
        self._seen += 1
        if self._seen % _REPORT_EVERY == 0 or self._seen == self._expected:
            self._report("entries", self._seen, self._expected)

    @property
    def counts(self) -> Counts:
        by = self._by_appearance
        return Counts(by["full"], by["initials"], by["counted"])


def _count_facts(counts: Counts | None) -> list[tuple[str, str]]:
    if counts is None:
        return []
    return [
        ("Eligible-Signatures", str(counts.eligible)),
        ("Named-Signatures", str(counts.named)),
        ("Initials-Signatures", str(counts.initials)),
        ("Counted-Signatures", str(counts.counted)),
    ]


def _folder_name(bundle_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", bundle_id).strip(".-") or "bundle"


def _trusted_comment(bundle: BundleContent) -> str:
    stamp = int(datetime.combine(bundle.letter.dated_on, time(), UTC).timestamp())
    return f"timestamp:{stamp}\tbundle:{_folder_name(bundle.bundle_id)}"


def _silent(_stage: str, _done: int, _total: int) -> None:
    pass
