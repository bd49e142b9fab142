"""Commitments: the line and hash that anybody can recompute, in an order that tells nothing."""

import io
import os
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.documents import commitment, commitment_line, write_commitments
from tests.documents.cast import counted, entry, some_entries

salts = st.binary(min_size=16, max_size=16)


def test_line_of_a_named_signature() -> None:
    line = commitment_line(entry(1, "Ana García", salt=bytes(range(16))), "case/3")
    assert line == "v1\t000102030405060708090a0b0c0d0e0f\tcase/3\tAna García\tMarburg\tDE"


def test_line_of_initials_has_an_empty_place() -> None:
    line = commitment_line(entry(1, "M. K.", appearance="initials", salt=bytes(16)), "case/3")
    assert line == f"v1\t{'00' * 16}\tcase/3\tM. K.\t\tDE"


def test_line_of_a_counted_signature_says_only_that() -> None:
    assert commitment_line(counted(), "case/3") == f"v1\t{'00' * 16}\tcase/3\tcounted"


def test_commitment_is_the_hash_of_the_line() -> None:
    line = "v1\t" + "00" * 16 + "\tcase/3\tcounted"
    assert commitment(counted(), "case/3") == sha256(line.encode()).hexdigest()


@pytest.mark.parametrize("mark", ["\t", "\n", "\r"])
def test_field_that_would_shift_the_others_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="tab or a line end"):
        commitment(entry(1, f"Ana{mark}Marburg"), "case/3")


@given(st.lists(salts, unique=True, max_size=40))
def test_file_is_sorted_and_complete(drawn: list[bytes]) -> None:
    entries = [entry(at, salt=salt) for at, salt in enumerate(drawn, 1)]
    file = io.StringIO(newline="")
    assert write_commitments(entries, "case/3", file) == len(drawn)
    lines = file.getvalue().split("\n")[:-1]
    assert lines == sorted(commitment(each, "case/3") for each in entries)


def test_counted_ones_are_committed_too() -> None:
    file = io.StringIO(newline="")
    assert write_commitments(some_entries(3, 1, 2), "case/3", file) == 6


@given(salts, salts)
def test_another_salt_or_bundle_gives_another_hash(one: bytes, other: bytes) -> None:
    first = commitment(entry(salt=one), "case/3")
    assert (first == commitment(entry(salt=other), "case/3")) == (one == other)
    assert first != commitment(entry(salt=one), "case/4")


def test_memory_stays_flat_however_many_there_are() -> None:
    count = 60_000
    entries = (counted(nth) for nth in range(count))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        tracemalloc.start()
        try:
            assert write_commitments(entries, "case/3", nowhere) == count
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2_000_000  # the hashes alone, held at once, are 3.9 million bytes
