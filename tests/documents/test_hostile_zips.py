"""Zips that somebody made to exhaust, to confuse or to hide: each is refused in one plain line."""

import csv
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from petitions.documents import BundleProblem, SigningKey, verify_bundle, write_bundle
from petitions.documents import archive as archives
from petitions.documents.archive import Archive, ArchiveProblem
from petitions.documents.entries import RECORD_COLUMNS
from petitions.documents.recount import recount
from tests.documents.cast import bundle

STRAY = "the zip has bytes that belong to none of its files"
FACTS = {
    "Eligible-Signatures": "3",
    "Named-Signatures": "2",
    "Initials-Signatures": "0",
    "Counted-Signatures": "1",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile") / "bundle.zip"
    write_bundle(bundle(), made, SigningKey.generate())
    return made


def refusal(path: Path) -> str:
    with pytest.raises(BundleProblem) as problem:
        verify_bundle(path)
    said = str(problem.value)
    assert said
    assert said.isprintable()
    return said


def record_zip(folder: Path, **files: bytes) -> Path:
    """A zip with a record of two lines and three commitments, some files otherwise."""
    rows = io.StringIO()
    csv.writer(rows).writerows([RECORD_COLUMNS, ["1", *"abcde"], ["2", *"abcde"]])
    record = {
        "commitments.txt": b"".join(b"%064x\n" % n for n in range(3)),
        "signatures.csv": rows.getvalue().encode(),
        "signatures.jsonl": b"{}\n{}\n",
    }
    for name, data in files.items():
        record[name.replace("_", ".")] = data
    made = folder / "made.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in record.items():
            packed.writestr(f"a/data/record/{name}", data)
    return made


def recounted(made: Path, facts: dict[str, str] = FACTS) -> str:
    """What recounting refused, while it held less than twenty megabytes."""
    tracemalloc.start()
    try:
        with Archive(made) as archive, pytest.raises(ArchiveProblem) as problem:
            recount(archive, facts)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    return str(problem.value)


def test_record_that_agrees_is_accepted(tmp_path: Path) -> None:
    with Archive(record_zip(tmp_path)) as archive:
        recount(archive, FACTS)


MANY = 65 * 1_000_000
COMMITTED = {**FACTS, "Eligible-Signatures": "1000000", "Counted-Signatures": "999998"}


@pytest.mark.parametrize(
    ("files", "facts", "said"),
    [
        ({"commitments_txt": bytes(MANY)}, FACTS, "commitments.txt has 1000000 lines"),
        ({"commitments_txt": bytes(MANY)}, COMMITTED, "longer than any"),
        ({"signatures_csv": b"a" * MANY}, FACTS, "longer than any"),
        ({"signatures_csv": b'"a\n",' * (MANY // 5)}, FACTS, "signatures.csv cannot be read"),
        ({"signatures_csv": b'"' + b"\n" * MANY}, FACTS, "signatures.csv cannot be read"),
        ({"signatures_jsonl": b"a" * MANY}, FACTS, "signatures.jsonl has 0 lines"),
        ({}, {**FACTS, "Eligible-Signatures": "9" * 5000}, "does not say Eligible-Signatures"),
    ],
)
def test_record_made_to_exhaust_is_refused_in_little_memory(
    files: dict[str, bytes], facts: dict[str, str], said: str, tmp_path: Path
) -> None:
    assert said in recounted(record_zip(tmp_path, **files), facts)


def test_directory_that_is_too_big_is_refused_unread(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_AT_ONCE", 500)
    assert refusal(path).startswith("this is not a zip file")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_refused(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "made.zip", "w", method) as packed:
        packed.writestr("a/bagit.txt", "x")
    assert refusal(tmp_path / "made.zip") == (
        "the zip is compressed in another way than bundles are"
    )


def test_damage_anywhere_is_said_in_one_line(path: Path, tmp_path: Path) -> None:
    """Each byte of the headers, every third of the directory and some contents, set otherwise."""
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        headers = [info.header_offset for info in packed.infolist()]
        places = {at + n for at in headers for n in range(30)}
        places |= set(range(packed.start_dir, len(whole), 3))
    places |= set(range(0, len(whole), 997))
    made = tmp_path / "made.zip"
    for at in sorted(places):
        for mask in (0x01, 0xFF):
            changed = bytearray(whole)
            changed[at] ^= mask
            made.write_bytes(changed)
            try:
                verify_bundle(made)  # what says nothing of the files, as a time, may be anything
            except BundleProblem as problem:
                assert str(problem).isprintable()  # noqa: PT017 - not every byte matters


def test_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "the file cannot be read: No such file or directory"
    assert refusal(tmp_path) == "the file cannot be read: Is a directory"


def directory_of(whole: bytes) -> int:
    return int(struct.unpack_from("<I", whole, len(whole) - 6)[0])


def moved(whole: bytes, at: int, extra: bytes) -> bytes:
    """The zip with bytes put in at a place, and every offset after it put right."""
    start = directory_of(whole)
    made = bytearray(whole[:at] + extra + whole[at:])
    entry = start + len(extra)
    while made[entry : entry + 4] == b"PK\x01\x02":
        (offset,) = struct.unpack_from("<I", made, entry + 42)
        if offset >= at:
            struct.pack_into("<I", made, entry + 42, offset + len(extra))
        entry += 46 + sum(struct.unpack_from("<3H", made, entry + 28))
    struct.pack_into("<I", made, len(made) - 6, start + len(extra))
    return bytes(made)


def hidden() -> bytes:
    """A whole local entry that no directory lists."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("khamidkariev-3/letter-for-others.txt", "hello")
    return made.getvalue()[: directory_of(made.getvalue())]


# Named here: an entry tells when it was made, and each xdist worker makes it at another moment.
@pytest.mark.parametrize("extra", [b"#!/bin/sh\n", hidden()], ids=["a script", "a whole entry"])
def test_bytes_between_the_entries_are_refused(extra: bytes, path: Path, tmp_path: Path) -> None:
    whole, made = path.read_bytes(), tmp_path / "made.zip"
    with zipfile.ZipFile(path) as packed:
        second = packed.infolist()[1].header_offset
    for at in (0, second, directory_of(whole)):
        made.write_bytes(moved(whole, at, extra))
        with zipfile.ZipFile(made) as packed:
            assert packed.testzip() is None  # a good zip, as zips go
        assert refusal(made) == STRAY
    made.write_bytes(extra + whole)
    assert refusal(made) == STRAY
    made.write_bytes(moved(whole, 0, b""))
    assert verify_bundle(made).intact


def change_at(place: int, form: str, value: int) -> Callable[[bytearray], None]:
    return lambda data: struct.pack_into(form, data, place, value)


@pytest.mark.parametrize(
    "change",
    [
        change_at(6, "<H", 1),  # encrypted
        change_at(8, "<H", 0),  # stored
        change_at(18, "<I", 7),  # another size
        change_at(30, "<H", 0x7878),  # another name
    ],
)
def test_header_that_differs_from_the_directory_is_refused(
    change: Callable[[bytearray], None], path: Path, tmp_path: Path
) -> None:
    changed = bytearray(path.read_bytes())
    change(changed)
    (tmp_path / "made.zip").write_bytes(changed)
    assert refusal(tmp_path / "made.zip") == (
        "the zip says two different things of one of its files"
    )


def test_entry_that_runs_into_the_next_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "made.zip"
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a/x", b"12345678")
        packed.writestr("a/y", b"1")
    data = bytearray(made.read_bytes())
    struct.pack_into("<H", data, 28, 4)  # the first entry says it has an extra field
    made.write_bytes(data)
    assert refusal(made) == "the zip's files overlap"


class _Stream(io.BytesIO):
    """Cannot be sought: zipfile then writes sizes behind the files."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_where: int) -> int:
        raise OSError("a stream")

    def tell(self) -> int:
        raise OSError("a stream")


def packed_anew(path: Path, target: "Path | _Stream", *folders: str) -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for folder in folders:
            new.writestr(f"khamidkariev-3/{folder}", b"", zipfile.ZIP_STORED)
        for name in old.namelist():
            new.writestr(name, old.read(name))


def test_bundle_packed_anew_by_others_is_intact(path: Path, tmp_path: Path) -> None:
    stream, made = _Stream(), tmp_path / "made.zip"
    packed_anew(path, stream)
    made.write_bytes(stream.getvalue())
    assert verify_bundle(made).intact
    packed_anew(path, made, "", "data/", "data/record/")
    assert verify_bundle(made).intact


@pytest.mark.parametrize("folder", ["Ana was here/", "data/handover/x/"])
def test_folder_that_is_not_the_bags_is_refused(folder: str, path: Path, tmp_path: Path) -> None:
    packed_anew(path, tmp_path / "made.zip", folder)
    said = refusal(tmp_path / "made.zip")
    assert said == "the zip has a folder that no file of the bundle lies in"


def test_folder_with_bytes_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as packed:
        packed.writestr("a/x", b"1")
        packed.writestr("a/", b"hidden")
    assert refusal(tmp_path / "made.zip") == "the zip has a folder that holds bytes of its own"
