"""Recounting the record data inside a bundle against the numbers that its bag-info.txt states."""

import csv
import re
from collections.abc import Mapping
from typing import Never

from petitions.documents.archive import Archive, ArchiveProblem
from petitions.documents.entries import RECORD_COLUMNS

COMMITMENTS = "data/record/commitments.txt"

_CSV = "data/record/signatures.csv"
_JSONL = "data/record/signatures.jsonl"
_COMMITMENT = re.compile(rb"[0-9a-f]{64}\n")
_COMMITMENT_BYTES = 65
_UNSORTED = "data/record/commitments.txt is not a sorted list of hashes"
_LONGEST_LINE = 1 << 16
_MOST_DIGITS = 12


def recount(archive: Archive, facts: Mapping[str, str]) -> None:
    """Check named + by initials + counted = eligible, and that list and commitments are as many.

    Raises ArchiveProblem in plain words.
    """
    for name in (_CSV, _JSONL):
        if name not in archive.names:
            _refuse(f"{name} is missing: there are commitments, so there should be a list")
    eligible, named, initials, counted = (
        _stated(facts, f"{which}-Signatures")
        for which in ("Eligible", "Named", "Initials", "Counted")
    )
    if named + initials + counted != eligible:
        _refuse(
            "bag-info.txt: named, by initials and counted do not add up to the eligible signatures"
        )
    _agree("commitments.txt", _commitments(archive, eligible), eligible)
    _agree("signatures.csv", _rows(archive), named + initials)
    _agree("signatures.jsonl", archive.lines(_JSONL), named + initials)


def _agree(name: str, found: int, stated: int) -> None:
    if found != stated:
        _refuse(f"data/record/{name} has {found} lines where bag-info.txt says {stated}")


def _stated(facts: Mapping[str, str], label: str) -> int:
    value = facts.get(label, "")
    if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
        _refuse(f"bag-info.txt does not say {label}")
    return int(value)


def _commitments(archive: Archive, eligible: int) -> int:
    announced, odd = divmod(archive.size(COMMITMENTS), _COMMITMENT_BYTES)
    if odd:
        _refuse(_UNSORTED)
    if announced != eligible:
        return announced
    found, last = 0, b""
    for line in archive.lines_of(COMMITMENTS, _COMMITMENT_BYTES):
        if not _COMMITMENT.fullmatch(line) or line <= last:
            _refuse(_UNSORTED)
        found, last = found + 1, line
    return found


def _rows(archive: Archive) -> int:
    """Rows under the header. Each is one line: no field of a bundle holds a line end."""
    found = -1
    for found, line in enumerate(archive.lines_of(_CSV, _LONGEST_LINE)):
        try:
            (row,) = csv.reader([line.decode()], strict=True)
        except (csv.Error, ValueError):
            _refuse("data/record/signatures.csv cannot be read")
        if found == 0 and tuple(row) != RECORD_COLUMNS:
            _refuse("data/record/signatures.csv has other columns than a bundle's")
    return found


def _refuse(message: str) -> Never:
    raise ArchiveProblem(message)
