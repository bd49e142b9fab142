"""Recounting the record data inside a bundle against the numbers that its bag-info.txt states."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Never

from petitions.documents.archive import Archive, ArchiveProblem
from petitions.documents.entries import RECORD_COLUMNS

COMMITMENTS = "data/record/commitments.txt"

_CSV = "data/record/signatures.csv"
_JSONL = "data/record/signatures.jsonl"
_COMMITMENT = re.compile(rb"[0-9a-f]{64}\n")


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
    _agree("commitments.txt", _commitments(archive), eligible)
    _agree("signatures.csv", _rows(archive), named + initials)
    _agree("signatures.jsonl", archive.lines(_JSONL), named + initials)


def _agree(name: str, found: int, stated: int) -> None:
    if found != stated:
        _refuse(f"data/record/{name} has {found} lines where bag-info.txt says {stated}")


def _stated(facts: Mapping[str, str], label: str) -> int:
    value = facts.get(label, "")
    if not (value.isascii() and value.isdigit()):
        _refuse(f"bag-info.txt does not say {label}")
    return int(value)


def _commitments(archive: Archive) -> int:
    found, last = 0, b""
    with archive.open(COMMITMENTS) as file:
        for line in file:
            if not _COMMITMENT.fullmatch(line) or line <= last:
                _refuse("data/record/commitments.txt is not a sorted list of hashes")
            found, last = found + 1, line
    return found


def _rows(archive: Archive) -> int:
    with archive.open(_CSV) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        try:
            return _count(csv.reader(text))
        except (csv.Error, UnicodeDecodeError):
            _refuse("data/record/signatures.csv cannot be read")


def _count(rows: Iterable[list[str]]) -> int:
    found = -1
    for found, row in enumerate(rows):
        if found == 0 and tuple(row) != RECORD_COLUMNS:
            _refuse("data/record/signatures.csv has other columns than a bundle's")
    return found


def _refuse(message: str) -> Never:
    raise ArchiveProblem(message)
