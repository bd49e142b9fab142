"""Whole bundles: the layout that others rely on, checked with other people's tools."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import bagit
import openpyxl
import pytest

from petitions.documents import (
    BundleContent,
    Counts,
    CountsDiffer,
    Entry,
    SigningKey,
    UnprintableText,
    commitment,
    write_bundle,
)
from petitions.documents.entries import RECORD_COLUMNS
from petitions.documents.record import without_formulas
from petitions.documents.workbook import write_workbook
from tests.documents.cast import bundle, letter, some_entries
from tests.documents.pdf import text_of
from tests.documents.zips import files_of

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def unpacked(tmp_path: Path, key: SigningKey) -> Path:
    """The root folder of an unpacked bundle with names."""
    return unpack(bundle(), tmp_path, key)


def unpack(content: BundleContent, folder: Path, key: SigningKey) -> Path:
    write_bundle(content, folder / "bundle.zip", key)
    with zipfile.ZipFile(folder / "bundle.zip") as packed:
        packed.extractall(folder / "unpacked")
    (root,) = (folder / "unpacked").iterdir()
    return root


def test_bundle_with_names_has_this_layout(unpacked: Path) -> None:
    files = {
        path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()
    }
    assert unpacked.name == "khamidkariev-3"
    assert files == {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha256.txt.minisig",
        "data/handover/letter.pdf",
        "data/handover/signatures.pdf",
        "data/record/signatures.csv",
        "data/record/signatures.xlsx",
        "data/record/signatures.jsonl",
        "data/record/commitments.txt",
        "data/record/nonce.txt",
    }


def test_bundle_without_names_holds_letter_and_nonce_alone(tmp_path: Path, key: SigningKey) -> None:
    def never() -> Iterator[Entry]:
        raise AssertionError("the entries of a bundle without names are not to be opened")

    content = bundle(letter=letter(names_enclosed=False), entries=never)
    write_bundle(content, tmp_path / "bundle.zip", key)
    payload = {name for name in files_of(tmp_path / "bundle.zip") if name.startswith("data/")}
    assert payload == {"data/handover/letter.pdf", "data/record/nonce.txt"}


# bagit 1.9 itself passes re.sub's count by position, which Python 3.13 deprecates.
@pytest.mark.filterwarnings("ignore:'count' is passed as positional argument:DeprecationWarning")
def test_bagit_accepts_the_bag(unpacked: Path) -> None:
    bag = bagit.Bag(str(unpacked))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert bag.info["Source-Organization"] == "Open Letter Network"
    assert bag.info["External-Identifier"] == "khamidkariev-3"
    counts = [
        bag.info[f"{which}-Signatures"] for which in ("Eligible", "Named", "Initials", "Counted")
    ]
    assert counts == ["6", "3", "1", "2"]


def test_sha256sum_accepts_both_manifests(unpacked: Path) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not on PATH (GNU coreutils)")
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        command = ["sha256sum", "--check", "--strict", manifest]
        ran = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_minisign_accepts_the_tag_manifest(unpacked: Path, key: SigningKey) -> None:
    if not shutil.which("minisign"):
        pytest.skip("minisign is not on PATH (Debian: apt install minisign)")
    command = ["minisign", "-V", "-m", "tagmanifest-sha256.txt", "-P", key.public_key]
    ran = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "bundle:khamidkariev-3" in ran.stdout


def test_bag_info_cannot_be_given_further_lines(tmp_path: Path, key: SigningKey) -> None:
    content = bundle(info=(("Petition", "Free her\nEligible-Signatures: 9999"),))
    write_bundle(content, tmp_path / "bundle.zip", key)
    lines = files_of(tmp_path / "bundle.zip")["bag-info.txt"].decode().splitlines()
    assert lines[0] == "Petition: Free her Eligible-Signatures: 9999"
    assert lines.count("Eligible-Signatures: 6") == 1


def test_proof_is_what_the_file_holds(tmp_path: Path, key: SigningKey) -> None:
    proof = write_bundle(bundle(), tmp_path / "bundle.zip", key)
    files = files_of(tmp_path / "bundle.zip")
    assert proof.tag_manifest.encode() == files["tagmanifest-sha256.txt"]
    assert proof.signature.encode() == files["tagmanifest-sha256.txt.minisig"]
    assert proof.tag_manifest_sha256 == sha256(files["tagmanifest-sha256.txt"]).hexdigest()


def test_record_and_commitments_hold_the_same_signatures(unpacked: Path) -> None:
    record = unpacked / "data" / "record"
    text = (record / "signatures.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    entries = list(some_entries())
    assert [row["name"] for row in rows] == [each.name for each in entries if each.number]
    assert rows[-1] == {
        "number": "4",
        "name": "M. K.",
        "place": "",
        "country": "DE",
        "signed_on": "2026-11-01",
        "verified_by": "e-mail",
    }
    commitments = (record / "commitments.txt").read_text().splitlines()
    assert commitments == sorted(commitment(each, "khamidkariev-3") for each in entries)
    assert (record / "nonce.txt").read_text() == bytes(range(32)).hex() + "\n"


def test_all_files_of_a_bundle_agree_to_the_row(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CSV, several sheets, JSON Lines, the printed list and the commitments: the same people."""
    monkeypatch.setitem(write_workbook.__kwdefaults__, "sheet_rows", 4)
    content = bundle(9, 2, 3, entries=lambda: some_entries(9, 2, 3, ("=1+1", "Ana", "Олег Ёлкин")))
    root = unpack(content, tmp_path, key)
    record = root / "data" / "record"
    rows = [json.loads(line) for line in (record / "signatures.jsonl").read_text().splitlines()]
    as_text = [[str(value) for value in row.values()] for row in rows]
    with (record / "signatures.csv").open(encoding="utf-8", newline="") as file:
        _, *listed = csv.reader(file)
    assert listed == [[without_formulas(value) for value in row] for row in as_text]
    sheets = openpyxl.load_workbook(record / "signatures.xlsx").worksheets
    in_sheets = [[cell or "" for cell in row] for sheet in sheets for row in _body(sheet)]
    assert len(sheets) == 3
    assert in_sheets == as_text
    printed = text_of(root / "data" / "handover" / "signatures.pdf")
    for number, name, place, *_ in as_text:
        assert " ".join(filter(None, (number, name, place, "Germany"))) in printed
    assert len((record / "commitments.txt").read_text().splitlines()) == len(rows) + 3


def _body(sheet: Any) -> Iterator[Any]:
    return sheet.iter_rows(min_row=2, values_only=True)


def test_json_lines_are_as_their_schema_says(unpacked: Path) -> None:
    schema = json.loads((DOCS / "signatures.schema.json").read_text(encoding="utf-8"))
    told = schema["properties"]
    assert tuple(told) == tuple(schema["required"]) == RECORD_COLUMNS
    lines = (unpacked / "data" / "record" / "signatures.jsonl").read_text().splitlines()
    kinds = {"integer": int, "string": str}
    for row in map(json.loads, lines):
        assert tuple(row) == RECORD_COLUMNS
        for name, value in row.items():
            assert isinstance(value, kinds.get(told[name].get("type"), str))
            assert re.search(told[name].get("pattern", ""), str(value))
            assert value in told[name].get("enum", [value])


def test_letter_says_how_many_pages_are_enclosed(unpacked: Path) -> None:
    assert "List of signatures, 1 page" in text_of(unpacked / "data" / "handover" / "letter.pdf")


def test_handover_tells_no_day_of_signing_and_no_verification(unpacked: Path) -> None:
    for path in (unpacked / "data" / "handover").iterdir():
        text = text_of(path)
        assert "2026-11-01" not in text
        assert "1 November" not in text
    assert {path.name for path in (unpacked / "data" / "handover").iterdir()} == {
        "letter.pdf",
        "signatures.pdf",
    }


def test_same_content_gives_the_same_bytes(tmp_path: Path, key: SigningKey) -> None:
    write_bundle(bundle(), tmp_path / "1.zip", key)
    write_bundle(bundle(), tmp_path / "2.zip", key)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_list_in_volumes_is_laid_out_by_number(tmp_path: Path, key: SigningKey) -> None:
    root = unpack(bundle(5, 0, 1, volume_size=2), tmp_path, key)
    names = sorted(path.name for path in (root / "data" / "handover").iterdir())
    assert names == ["letter.pdf", "signatures-01.pdf", "signatures-02.pdf", "signatures-03.pdf"]
    assert "in 3 volumes" in text_of(root / "data" / "handover" / "letter.pdf")


def test_very_long_list_is_begun_with_its_numbers_and_first_volume(
    tmp_path: Path, key: SigningKey
) -> None:
    given = letter(names_enclosed=True, counts=Counts(5, 0, 1), first_volume=True)
    root = unpack(bundle(5, 0, 1, volume_size=2, letter=given), tmp_path, key)
    handover = root / "data" / "handover"
    assert {path.name for path in handover.iterdir()} >= {"numbers.pdf", "signatures-03.pdf"}
    told = text_of(handover / "letter.pdf")
    assert "The signatures in numbers, 1 page List of signatures, volume 1 of 3, 1 page;" in told
    assert "the other volumes are ready" in told
    sheet = text_of(handover / "numbers.pdf")
    assert "6 people have signed this petition" in sheet
    assert "1 person asked us not to pass on their name" in sheet
    for row in ("1 1–2 1", "2 3–4 1", "3 5–5 1", "Germany 5"):
        assert row in sheet
    info = (root / "bag-info.txt").read_text(encoding="utf-8")
    assert "First-Handover: letter.pdf numbers.pdf signatures-01.pdf" in info


def test_translation_goes_as_a_file_of_its_own(tmp_path: Path, key: SigningKey) -> None:
    translated = letter(language="ru", is_translation=True)
    root = unpack(bundle(translation=translated), tmp_path, key)
    assert "Перевод" in text_of(root / "data" / "handover" / "translation.pdf")


def test_counts_that_differ_from_the_letter_are_refused(tmp_path: Path, key: SigningKey) -> None:
    content = bundle(entries=lambda: some_entries(3, 1, 1))
    with pytest.raises(CountsDiffer):
        write_bundle(content, tmp_path / "bundle.zip", key)


def test_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, key: SigningKey) -> None:
    out = tmp_path / "bundle.zip"
    out.write_bytes(b"the old one")
    broken = letter(names_enclosed=True, salutation="𐎠𐎼𐎹")
    with pytest.raises(UnprintableText):
        write_bundle(bundle(letter=broken), out, key)
    assert out.read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


def test_bundle_is_readable_by_its_owner_alone(tmp_path: Path, key: SigningKey) -> None:
    write_bundle(bundle(), tmp_path / "bundle.zip", key)
    assert os.stat(tmp_path / "bundle.zip").st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


def test_entries_are_opened_once(tmp_path: Path, key: SigningKey) -> None:
    opened: list[int] = []

    def entries() -> Iterator[Entry]:
        opened.append(1)
        return some_entries()

    write_bundle(bundle(entries=entries), tmp_path / "bundle.zip", key)
    assert len(opened) == 1


def test_progress_tells_each_stage_to_its_end(tmp_path: Path, key: SigningKey) -> None:
    steps: list[tuple[str, int, int]] = []
    write_bundle(bundle(), tmp_path / "bundle.zip", key, lambda *step: steps.append(step))
    assert [stage for stage, done, total in steps if done == total] == [
        "entries",
        "list",
        "letter",
        "bag",
    ]


def test_names_need_a_heading_and_counts(tmp_path: Path, key: SigningKey) -> None:
    for content in (bundle(heading=None), bundle(letter=letter(names_enclosed=True, counts=None))):
        with pytest.raises(ValueError, match="needs a list heading and counts"):
            write_bundle(content, tmp_path / "bundle.zip", key)


def test_nonce_has_256_bits() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        bundle(nonce=b"short")
